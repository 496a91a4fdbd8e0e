// What is pinned, whether its proofs hold, what it could not see, and the bundle that a stranger can check.
import { Button, Group, Modal, Skeleton, TextInput } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import type { CaseDetail, PinnedEvent } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { messages as common } from '../../messages.en.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { showValue, valueAt } from '../../parts/flatten.ts'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { PivotValue } from '../../pivot/PivotValue.tsx'
import { Instant } from '../../time/Instant.tsx'
import { Bundles } from './Bundles.tsx'
import { refreshCases } from './case-query.ts'
import styles from './cases.module.css'
import { messages } from './messages.en.ts'
import type { CaseChanger } from './use-case.ts'

const text = messages.evidence
const firstPage: string | undefined = undefined

interface Props {
  detail: CaseDetail
  change: CaseChanger
  mayWrite: boolean
  mayExport: boolean
  mayHold: boolean
}

export function EvidenceTab({ detail, change, mayWrite, mayExport, mayHold }: Props) {
  const { case: one } = detail
  if (one.pins.length === 0) return <EmptyState title={text.none}>{text.noneText}</EmptyState>
  return (
    <>
      <div className={styles.twoColumns}>
        <section className={partStyles.card}>
          <div className={partStyles.cardHead}>
            <h2>{text.pins}</h2>
          </div>
          <ul className={styles.cardList}>
            {one.pins.map((pin) => (
              <li key={pin.id}>
                <div>
                  <strong>{pin.reason}</strong> · {messages.eventCount(formatCount(pin.count))}
                  {pin.alert !== undefined && <div>{pin.alert.title}</div>}
                  {pin.query !== undefined && <code>{pin.query.text}</code>}
                  <div className="v-muted">
                    {pin.by} · <Instant time={pin.at} precision="min" /> · <code>{pin.digest.slice(0, 16)}…</code>
                  </div>
                </div>
              </li>
            ))}
          </ul>
          {mayWrite && <Verify id={one.id} />}
        </section>
        <CompletenessCard id={one.id} />
        <Hold detail={detail} change={change} mayHold={mayHold} />
        {mayExport && <Bundles detail={detail} />}
      </div>
      <Pinned id={one.id} />
    </>
  )
}

function Verify({ id }: { id: string }) {
  const verify = useMutation({
    mutationFn: () => call('verifyCase', { params: { id } }),
    onSuccess: refreshCases,
  })
  return (
    <div className={partStyles.cardBody} role="status">
      <Button variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
        {text.verify}
      </Button>
      {verify.isError && <ProblemNote error={verify.error} />}
      {verify.data?.ok === true && (
        <p>{text.verified(formatCount(verify.data.checked), formatCount(verify.data.pending))}</p>
      )}
      {verify.data?.ok === false && (
        <div role="alert">
          <strong>{text.wrong(formatCount(verify.data.wrong.length))}</strong>
          <ul>
            {verify.data.wrong.map((wrong) => (
              <li key={wrong.item}>
                <code>{wrong.item}</code>: {wrong.problem}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

function CompletenessCard({ id }: { id: string }) {
  const { data, error } = useQuery({ ...ask('caseCompleteness', { params: { id } }), retry: false })
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.completeness}</h2>
      </div>
      <div className={partStyles.cardBody}>
        {error !== null && <ProblemNote error={error} />}
        {data?.findings.length === 0 && <p>{text.complete}</p>}
        <ul>
          {data?.findings.map((finding) => (
            <li key={`${finding.kind}${finding.source}${finding.from}`}>{finding.words}</li>
          ))}
        </ul>
        {data !== undefined && data.sources.length > 0 && (
          <>
            <strong>{text.firstLast}</strong>
            <ul>
              {data.sources.map((source) => (
                <li key={`${source.tenant}${source.source}`}>
                  {source.source}: {messages.eventCount(formatCount(source.pinned))}
                  {source.first !== undefined && source.last !== undefined && (
                    <span className="v-muted">
                      {' '}
                      <Instant time={source.first} /> → <Instant time={source.last} />
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  )
}

function Hold({
  detail: { case: one },
  change,
  mayHold,
}: {
  detail: CaseDetail
  change: CaseChanger
  mayHold: boolean
}) {
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const held = one.hold !== undefined
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.hold}</h2>
        {held && <Badge tone="medium">{messages.heldMark}</Badge>}
      </div>
      <div className={partStyles.cardBody}>
        <p className="v-muted">{text.holdText}</p>
        {one.hold !== undefined && (
          <p>
            {one.hold.reason} <span className="v-muted">{text.heldBy(one.hold.by)}</span>
          </p>
        )}
        {mayHold && (
          <Button variant="default" onClick={() => setAsking(true)}>
            {held ? text.release : text.setHold}
          </Button>
        )}
      </div>
      {asking && (
        <Modal
          opened
          onClose={() => setAsking(false)}
          title={text.hold}
          closeButtonProps={{ 'aria-label': common.close }}
        >
          <form
            onSubmit={(event) => {
              event.preventDefault()
              change.mutate([{ kind: held ? 'release-hold' : 'hold', reason: reason.trim() }])
              setAsking(false)
              setReason('')
            }}
          >
            <TextInput
              label={text.reason}
              required
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              data-autofocus
            />
            <Group justify="flex-end" mt="md">
              <Button type="submit" disabled={reason.trim() === ''}>
                {held ? text.release : text.setHold}
              </Button>
            </Group>
          </form>
        </Modal>
      )}
    </section>
  )
}

function Pinned({ id }: { id: string }) {
  const result = useInfiniteQuery({
    queryKey: ['casePins', id],
    queryFn: ({ pageParam, signal }) =>
      call('casePins', { params: { id }, query: { limit: 100, cursor: pageParam } }, signal),
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
  const events = result.data?.pages.flatMap((page) => page.events) ?? []
  return (
    <section className={partStyles.card} style={{ marginTop: 16 }}>
      <div className={partStyles.cardHead}>
        <h2>{text.events}</h2>
        <span className="v-muted">{formatCount(result.data?.pages[0]?.total ?? 0)}</span>
      </div>
      {result.isError && <ProblemNote error={result.error} />}
      {result.isPending && <Skeleton height={120} />}
      <div className={partStyles.tableWrap} tabIndex={0} role="region" aria-label={text.events}>
        <table className={partStyles.table}>
          <tbody>
            {events.map((event) => (
              <PinnedRow key={event.id} event={event} />
            ))}
          </tbody>
        </table>
      </div>
      {result.hasNextPage && (
        <Button variant="subtle" loading={result.isFetchingNextPage} onClick={() => void result.fetchNextPage()}>
          {text.more}
        </Button>
      )}
    </section>
  )
}

function PinnedRow({ event }: { event: PinnedEvent }) {
  const fields = ['event.action', 'user.name', 'host.name', 'source.ip']
  return (
    <tr>
      <td className={styles.nowrap}>
        <Instant time={event.time} precision="ms" />
      </td>
      <td>
        {fields.map((field) => {
          const value = valueAt(event.event, field)
          return value === undefined ? null : (
            <span key={field} title={showValue(value)}>
              <PivotValue field={field} value={value} />{' '}
            </span>
          )
        })}
        <div className="v-muted v-mono v-clip" style={{ maxWidth: 520 }} title={event.line}>
          {event.line}
        </div>
      </td>
      <td className="v-muted">{event.source}</td>
      <td>
        <Badge tone={event.proof === 'pending' ? 'plain' : 'good'}>{text.proof[event.proof]}</Badge>
      </td>
    </tr>
  )
}
