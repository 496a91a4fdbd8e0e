// The chain of custody: what happened to each item, by whom, when and why. Entries are only added.
import { Button, Group, Modal, Select, Skeleton, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { CaseDetail } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { messages as common } from '../../messages.en.ts'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { TableCard } from '../../parts/TableCard.tsx'
import { Instant } from '../../time/Instant.tsx'
import { refreshCases } from './case-query.ts'
import { messages } from './messages.en.ts'

const text = messages.custody
const byHand = ['handed-over', 'viewed', 'acquired'] as const

export function CustodyTab({ detail, mayWrite }: { detail: CaseDetail; mayWrite: boolean }) {
  const { id } = detail.case
  const { data, error, isPending } = useQuery(ask('caseCustody', { params: { id } }))
  const [adding, setAdding] = useState(false)
  return (
    <>
      {mayWrite && (
        <Button variant="default" mb="sm" onClick={() => setAdding(true)}>
          {text.add}
        </Button>
      )}
      {error !== null && <ProblemNote error={error} />}
      {isPending && <Skeleton height={160} />}
      {data?.entries.length === 0 && <p className="v-muted">{text.none}</p>}
      {data !== undefined && data.entries.length > 0 && (
        <TableCard label={messages.detail.tabs.custody} columns={Object.values(text.columns)}>
          {data.entries.map((entry) => (
            <tr key={entry.number}>
              <td>
                <Instant time={entry.at} />
              </td>
              <td>{entry.by}</td>
              <td>{text.actions[entry.action]}</td>
              <td>
                <code>{entry.item}</code>
                {entry.count !== undefined && <span className="v-muted"> · {formatCount(entry.count)}</span>}
                {entry.digest !== undefined && (
                  <div className="v-muted v-mono" title={entry.digest}>
                    {entry.digest.slice(0, 16)}…
                  </div>
                )}
              </td>
              <td>
                {entry.why}
                {entry.to !== undefined && <div className="v-muted">→ {entry.to}</div>}
                {entry.outcome !== undefined && <div className="v-muted">{entry.outcome}</div>}
              </td>
              <td>
                <Badge tone={entry.sealed === 'pending' ? 'plain' : 'good'}>
                  {messages.evidence.proof[entry.sealed]}
                </Badge>
              </td>
            </tr>
          ))}
        </TableCard>
      )}
      {adding && <Add detail={detail} onClose={() => setAdding(false)} />}
    </>
  )
}

function Add({ detail: { case: one }, onClose }: { detail: CaseDetail; onClose: () => void }) {
  const [action, setAction] = useState<(typeof byHand)[number]>('handed-over')
  const [item, setItem] = useState('case')
  const [to, setTo] = useState('')
  const [why, setWhy] = useState('')
  const add = useMutation({
    mutationFn: () =>
      call('addCustody', {
        params: { id: one.id },
        body: { action, item, why: why.trim(), ...(to.trim() === '' ? {} : { to: to.trim() }) },
      }),
    onSuccess: () => {
      onClose()
      return refreshCases()
    },
  })
  return (
    <Modal opened onClose={onClose} title={text.add} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          add.mutate()
        }}
      >
        <Select
          label={text.action}
          allowDeselect={false}
          value={action}
          onChange={(next) => setAction(byHand.find((value) => value === next) ?? 'viewed')}
          data={byHand.map((value) => ({ value, label: text.actions[value] }))}
          mb="sm"
        />
        <Select
          label={text.item}
          allowDeselect={false}
          value={item}
          onChange={(next) => setItem(next ?? 'case')}
          data={[
            { value: 'case', label: one.title },
            ...one.pins.map((pin) => ({ value: `pin:${pin.id}`, label: `${pin.reason} (${formatCount(pin.count)})` })),
          ]}
          mb="sm"
        />
        <TextInput label={text.to} value={to} onChange={(event) => setTo(event.currentTarget.value)} mb="sm" />
        <TextInput
          label={text.why}
          required
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
          data-autofocus
        />
        {add.isError && <ProblemNote error={add.error} />}
        <Group justify="flex-end" mt="md">
          <Button type="submit" loading={add.isPending}>
            {text.add}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
