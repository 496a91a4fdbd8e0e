// Searches that are kept: mine and those of others, one press away; and this one, to keep.
import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { SavedSearch } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ask, meQuery } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { parseSearch, stringifySearch } from '../../search-params.ts'
import { useSearchActions } from './actions.ts'
import { messages } from './messages.en.ts'
import styles from './search.module.css'
import { readSearchState } from './search-state.ts'

const text = messages.saved
const again = () => queryClient.invalidateQueries({ queryKey: ['savedSearches'] })

export function SavedSearches({ onDone }: { onDone: () => void }) {
  const { data, error } = useQuery(ask('savedSearches', {}))
  const { data: me } = useQuery(meQuery)
  const remove = useMutation({
    mutationFn: (id: string) => call('removeSearch', { params: { id } }),
    onSuccess: again,
  })
  const mine = data?.searches.filter((one) => one.owner === me?.name) ?? []
  const others = data?.searches.filter((one) => one.owner !== me?.name) ?? []
  return (
    <div className={styles.saved}>
      {error !== null && <ProblemNote error={error} />}
      {remove.isError && <ProblemNote error={remove.error} />}
      {data?.searches.length === 0 && <p className="v-muted">{text.none}</p>}
      {mine.length > 0 && <strong>{text.mine}</strong>}
      <ul className={styles.savedList}>
        {mine.map((search) => (
          <li key={search.id}>
            <SearchLink search={search} onDone={onDone} />
            {search.shared && <span className="v-muted">{text.sharedMark}</span>}
            <ActionIcon size="sm" aria-label={text.remove(search.name)} onClick={() => remove.mutate(search.id)}>
              <IconTrash size={13} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {others.length > 0 && <strong>{text.shared}</strong>}
      <ul className={styles.savedList}>
        {others.map((search) => (
          <li key={search.id}>
            <SearchLink search={search} onDone={onDone} />
            <span className="v-muted">{text.by(search.owner)}</span>
          </li>
        ))}
      </ul>
      <SaveForm />
    </div>
  )
}

function SearchLink({ search, onDone }: { search: SavedSearch; onDone: () => void }) {
  return (
    <Link
      to="/search"
      search={readSearchState(parseSearch(search.state))}
      onClick={onDone}
      className="v-clip"
      title={search.state}
    >
      {search.name}
    </Link>
  )
}

function SaveForm() {
  const { state } = useSearchActions()
  const [name, setName] = useState('')
  const [shared, setShared] = useState(false)
  const save = useMutation({
    mutationFn: () => {
      const { event: _, tab: __, scope: ___, ...kept } = state
      return call('saveSearch', { body: { name: name.trim(), shared, state: stringifySearch({ ...kept }).slice(1) } })
    },
    onSuccess: () => {
      setName('')
      return again()
    },
  })
  return (
    <form
      className={styles.saveForm}
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <TextInput
        label={text.name}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <Checkbox label={text.share} checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
      {save.isError && <ProblemNote error={save.error} />}
      <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>
        {text.save}
      </Button>
    </form>
  )
}
