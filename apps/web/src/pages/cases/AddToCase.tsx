// Pins events or an alert to a case, an open one or a new one, with the reason that the chain of custody keeps.
import { Button, Group, Modal, Select, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RouteInput, RouteOutput } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { messages as common } from '../../messages.en.ts'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { openCasesQuery, refreshCases } from './case-query.ts'
import { messages } from './messages.en.ts'

const text = messages.add
const newCase = 'new'

interface Props {
  what: RouteInput<'pinToCase'>['body']['what']
  /** Proposed for a new case. */
  title?: string
  onClose: () => void
}

export function AddToCase({ what, title = '', onClose }: Props) {
  const { data, error } = useQuery(openCasesQuery)
  const open = data?.cases.filter((one) => one.status !== 'closed') ?? []
  const [chosen, setChosen] = useState<string>()
  const [name, setName] = useState(title)
  const [why, setWhy] = useState('')
  const target = chosen ?? open[0]?.id ?? newCase
  const add = useMutation({
    async mutationFn(): Promise<{ id: string; pinned: RouteOutput<'pinToCase'> }> {
      const reason = why.trim() === '' ? text.defaultWhy : why.trim()
      const id =
        target === newCase ? (await call('createCase', { body: { title: name.trim(), why: reason } })).case.id : target
      return { id, pinned: await call('pinToCase', { params: { id }, body: { what, why: reason } }) }
    },
    onSuccess: refreshCases,
  })
  return (
    <Modal opened onClose={onClose} title={text.title} closeButtonProps={{ 'aria-label': common.close }}>
      {error !== null && <ProblemNote error={error} />}
      {add.isSuccess ? (
        <div role="status">
          <p>{text.done(formatCount(add.data.pinned.pinned), formatCount(add.data.pinned.already))}</p>
          {add.data.pinned.missing.length > 0 && <p>{text.missing(formatCount(add.data.pinned.missing.length))}</p>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} data-autofocus>
              {common.close}
            </Button>
            <Button renderRoot={(props) => <Link to="/cases/$id" params={{ id: add.data.id }} {...props} />}>
              {text.toCase}
            </Button>
          </Group>
        </div>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            add.mutate()
          }}
        >
          <Select
            label={text.which}
            allowDeselect={false}
            searchable
            value={target}
            onChange={(next) => setChosen(next ?? newCase)}
            data={[
              ...open.map((one) => ({ value: one.id, label: `${one.id} · ${one.title}` })),
              { value: newCase, label: text.newCase },
            ]}
            mb="sm"
          />
          {target === newCase && (
            <TextInput
              label={text.name}
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              mb="sm"
            />
          )}
          <TextInput
            label={text.why}
            description={text.whyHint}
            placeholder={text.defaultWhy}
            value={why}
            onChange={(event) => setWhy(event.currentTarget.value)}
            data-autofocus
          />
          {add.isError && <ProblemNote error={add.error} />}
          <Group justify="flex-end" mt="md">
            <Button variant="default" onClick={onClose}>
              {common.cancel}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {text.add}
            </Button>
          </Group>
        </form>
      )}
    </Modal>
  )
}
