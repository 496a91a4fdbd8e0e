// The evidence timeline: when it happened, when it was found out, what the log says and what people say.
import { ActionIcon, Button, Group, Menu, Modal, Select, Skeleton, Switch, Textarea, TextInput } from '@mantine/core'
import { IconDots, IconPlus, IconStar, IconStarFilled } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { CaseDetail, TimelineRow } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { messages as common } from '../../messages.en.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import { absoluteRange } from '../../time/range.ts'
import { AddEntry } from './AddEntry.tsx'
import styles from './cases.module.css'
import { messages } from './messages.en.ts'
import { phaseOptions } from './phases.ts'
import type { CaseChanger } from './use-case.ts'

const text = messages.timeline
const firstPage: string | undefined = undefined

interface Props {
  detail: CaseDetail
  change: CaseChanger
  mayWrite: boolean
}

export function TimelineTab({ detail, change, mayWrite }: Props) {
  const { id } = detail.case
  const [important, setImportant] = useState(false)
  const [adding, setAdding] = useState(false)
  const [marking, setMarking] = useState<TimelineRow>()
  const [withdrawing, setWithdrawing] = useState<TimelineRow>()
  const result = useInfiniteQuery({
    queryKey: ['caseTimeline', id, important],
    queryFn: ({ pageParam, signal }) =>
      call(
        'caseTimeline',
        { params: { id }, query: { limit: 200, cursor: pageParam, ...(important ? { important: 'true' } : {}) } },
        signal,
      ),
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
  const rows = result.data?.pages.flatMap((page) => page.rows) ?? []
  const withdrawn = result.data?.pages[0]?.withdrawn ?? 0
  return (
    <>
      <Group mb="sm">
        {mayWrite && (
          <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
            {text.add}
          </Button>
        )}
        <Switch
          size="xs"
          label={text.importantOnly}
          checked={important}
          onChange={(event) => setImportant(event.currentTarget.checked)}
        />
        {withdrawn > 0 && <span className="v-muted">{text.withdrawn(formatCount(withdrawn))}</span>}
      </Group>
      {result.isError && <ProblemNote error={result.error} retry={result.refetch} />}
      {result.isPending && <Skeleton height={200} />}
      {result.isSuccess && rows.length === 0 && <EmptyState title={text.none}>{text.noneText}</EmptyState>}
      {rows.length > 0 && (
        <div
          className={`${partStyles.card} ${partStyles.tableWrap}`}
          tabIndex={0}
          role="region"
          aria-label={messages.detail.tabs.timeline}
        >
          <table className={partStyles.table}>
            <thead>
              <tr>
                {(['time', 'what', 'entity', 'phase', 'discovered', 'source'] as const).map((column) => (
                  <th key={column} scope="col">
                    {text.columns[column]}
                  </th>
                ))}
                {mayWrite && <th scope="col">{text.columns.actions}</th>}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row
                  key={`${row.kind}${row.id}`}
                  row={row}
                  mayWrite={mayWrite}
                  onImportant={() => change.mutate([{ kind: 'mark', eventId: row.id, important: !row.important }])}
                  onMark={() => setMarking(row)}
                  onWithdraw={() => setWithdrawing(row)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {result.hasNextPage && (
        <Button variant="subtle" loading={result.isFetchingNextPage} onClick={() => void result.fetchNextPage()}>
          {text.more}
        </Button>
      )}
      {adding && <AddEntry change={change} onClose={() => setAdding(false)} />}
      {marking !== undefined && <Mark row={marking} change={change} onClose={() => setMarking(undefined)} />}
      {withdrawing !== undefined && (
        <Withdraw row={withdrawing} change={change} onClose={() => setWithdrawing(undefined)} />
      )}
    </>
  )
}

interface RowProps {
  row: TimelineRow
  mayWrite: boolean
  onImportant: () => void
  onMark: () => void
  onWithdraw: () => void
}

function Row({ row, mayWrite, onImportant, onMark, onWithdraw }: RowProps) {
  return (
    <tr className={row.important ? styles.important : undefined}>
      <td className={styles.nowrap}>
        <Instant time={row.time} precision="ms" />
      </td>
      <td>
        <Badge tone={row.kind === 'alert' ? 'high' : 'plain'}>{text.kinds[row.kind]}</Badge>{' '}
        {row.kind === 'event' ? (
          <Link to="/search" search={{ ...absoluteRange(row.time - 600_000, row.time + 600_000), event: row.id }}>
            {row.fact}
          </Link>
        ) : row.kind === 'alert' ? (
          <Link to="/alerts" search={{ alert: row.id, status: 'all' }}>
            {row.fact}
          </Link>
        ) : (
          row.fact
        )}
        {row.words !== undefined && <div className={styles.words}>{row.words}</div>}
      </td>
      <td>{row.entity}</td>
      <td>{row.phase?.replaceAll('-', ' ')}</td>
      <td className={styles.nowrap}>
        <Instant time={row.discoveredAt} precision="min" />
        {row.by !== undefined && <div className="v-muted">{row.by}</div>}
      </td>
      <td className="v-muted">{row.source}</td>
      {mayWrite && (
        <td className={styles.nowrap}>
          {row.kind === 'event' && (
            <>
              <ActionIcon
                aria-label={`${text.important}: ${row.fact}`}
                aria-pressed={row.important}
                onClick={onImportant}
              >
                {row.important ? <IconStarFilled size={15} /> : <IconStar size={15} />}
              </ActionIcon>
              <Menu>
                <Menu.Target>
                  <ActionIcon aria-label={`${text.columns.actions}: ${row.fact}`}>
                    <IconDots size={15} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={onMark}>{text.mark}</Menu.Item>
                  <Menu.Item onClick={onWithdraw}>{text.withdraw}</Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </>
          )}
        </td>
      )}
    </tr>
  )
}

function Mark({ row, change, onClose }: { row: TimelineRow; change: CaseChanger; onClose: () => void }) {
  const [words, setWords] = useState(row.words ?? '')
  const [phase, setPhase] = useState<string | null>(row.phase ?? null)
  return (
    <Modal opened onClose={onClose} title={row.fact} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate([{ kind: 'mark', eventId: row.id, words: words === '' ? null : words, phase }])
          onClose()
        }}
      >
        <Textarea
          label={text.words}
          autosize
          minRows={2}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          data-autofocus
          mb="sm"
        />
        <Select label={text.phase} clearable data={phaseOptions} value={phase} onChange={setPhase} />
        <Group justify="flex-end" mt="md">
          <Button type="submit">{text.save}</Button>
        </Group>
      </form>
    </Modal>
  )
}

function Withdraw({ row, change, onClose }: { row: TimelineRow; change: CaseChanger; onClose: () => void }) {
  const [reason, setReason] = useState('')
  return (
    <Modal opened onClose={onClose} title={text.withdraw} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate([{ kind: 'withdraw', eventId: row.id, reason: reason.trim() }])
          onClose()
        }}
      >
        <p>{row.fact}</p>
        <TextInput
          label={text.reason}
          required
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" mt="md">
          <Button type="submit" disabled={reason.trim() === ''}>
            {text.save}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
