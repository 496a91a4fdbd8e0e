// Links to other systems that values offer: added and removed here.
import { Button, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { LookUp } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { queryClient } from '../../api/query-client.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { FormDialog } from '../../parts/FormDialog.tsx'
import { ListTab } from '../../parts/ListTab.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { lookUpsQuery } from '../../pivot/look-ups.ts'
import { messages } from './messages.en.ts'

const text = messages.lookUps
const set = (lookUps: LookUp[]) => call('setLookUps', { body: { lookUps } })
const again = () => queryClient.invalidateQueries({ queryKey: ['lookUps'] })

export function LookUpsTab() {
  const { data, error, isPending, refetch } = useQuery(lookUpsQuery)
  const [adding, setAdding] = useState(false)
  const known = data?.lookUps ?? []
  const remove = useMutation({
    mutationFn: (name: string) => set(known.filter((one) => one.name !== name)),
    onSuccess: again,
  })
  return (
    <>
      {remove.isError && <ProblemNote error={remove.error} />}
      <ListTab
        name={messages.tabs['look-ups']}
        intro={text.intro}
        action={text.create}
        onAction={() => setAdding(true)}
        query={{ error, isPending, refetch }}
        columns={known.length === 0 ? undefined : Object.values(text.columns)}
      >
        {data !== undefined && known.length === 0 && <EmptyState title={text.none} />}
        {known.map((one) => (
          <tr key={one.name}>
            <td>
              <strong>{one.name}</strong>
            </td>
            <td className="v-mono">{one.fields.join(', ')}</td>
            <td className="v-mono">{one.url}</td>
            <td className={partStyles.right}>
              <Button
                variant="subtle"
                color="gray"
                aria-label={text.removeOne(one.name)}
                onClick={() => remove.mutate(one.name)}
              >
                {text.remove}
              </Button>
            </td>
          </tr>
        ))}
      </ListTab>
      {adding && <AddLookUp known={known} onClose={() => setAdding(false)} />}
    </>
  )
}

function AddLookUp({ known, onClose }: { known: LookUp[]; onClose: () => void }) {
  const [name, setName] = useState('')
  const [fields, setFields] = useState('')
  const [url, setUrl] = useState('')
  const add = useMutation({
    mutationFn: () => {
      const one = { name: name.trim(), fields: fields.split(/[\s,]+/).filter((field) => field !== ''), url: url.trim() }
      return set([...known.filter((other) => other.name !== one.name), one])
    },
    onSuccess: () => {
      onClose()
      return again()
    },
  })
  return (
    <FormDialog title={text.create} action={text.create} work={add} onClose={onClose}>
      <TextInput
        label={text.name}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label={text.fields}
        description={text.fieldsHint}
        required
        value={fields}
        onChange={(event) => setFields(event.currentTarget.value)}
      />
      <TextInput
        label={text.url}
        description={text.urlHint}
        required
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
