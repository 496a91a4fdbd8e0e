// Where an escalated alert goes: a new case, one that is open, or none.
import { Select } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { createElement } from 'react'
import { call } from '../../api/client.ts'
import { meQuery } from '../../api/queries.ts'
import { formatCount } from '../../parts/number.ts'
import { openCasesQuery, refreshCases } from '../cases/case-query.ts'
import { messages } from './messages.en.ts'

const text = messages.dialog
export const newCase = 'new'
export const noCase = 'none'
/** As the contract allows. */
const alertsMax = 200

interface Props {
  value: string
  onChange: (next: string) => void
  alerts: number
}

/** The cases that can be escalated into; undefined where this person may not, or cases can't be read now. */
export function useCases() {
  const { data: me } = useQuery(meQuery)
  const { data } = useQuery({
    ...openCasesQuery,
    enabled: me?.permissions.includes('cases:write') === true,
    retry: false,
  })
  return data?.cases
}

export function CaseSelect({ value, onChange, alerts }: Props) {
  const cases = useCases()
  if (cases === undefined) return null
  if (alerts === 0 || alerts > alertsMax) return <p className="v-muted">{text.tooMany(formatCount(alertsMax))}</p>
  return (
    <Select
      label={text.into}
      mb="sm"
      allowDeselect={false}
      value={value}
      onChange={(next) => onChange(next ?? noCase)}
      data={[
        { value: newCase, label: text.newCase },
        ...cases
          .filter((one) => one.status !== 'closed')
          .map((one) => ({ value: one.id, label: `${one.id} · ${one.title}` })),
        { value: noCase, label: text.noCase },
      ]}
    />
  )
}

/** Pins the alerts with their events, and says where they are. */
export async function escalateInto(into: string, alertIds: string[], note: string, assignee: string): Promise<void> {
  if (into === noCase || alertIds.length === 0 || alertIds.length > alertsMax) return
  const why = note === '' ? text.caseWhy : note.slice(0, 500)
  let id = into
  if (into === newCase) {
    const body = { alerts: alertIds, why, ...(assignee === '' ? {} : { assignee }) }
    id = (await call('createCase', { body })).case.id
  } else for (const alert of alertIds) await call('pinToCase', { params: { id }, body: { what: { alert }, why } })
  void refreshCases()
  notifications.show({
    message: createElement('a', { href: `/cases/${id}` }, text.inCase(id)),
    autoClose: 15_000,
  })
}
