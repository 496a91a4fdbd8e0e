// The versions of a rule that ran: who changed what, and whether it decides otherwise.
import { Button, Skeleton } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { RuleDetail } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ask, meQuery } from '../../api/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import { messages } from './messages.en.ts'
import styles from './rules.module.css'

const text = messages.history

interface Props {
  rule: RuleDetail
  /** Takes a version's text into the editor, to be looked at, replayed and saved like any edit. */
  onEdit: (text: string) => void
}

export function HistoryTab({ rule, onEdit }: Props) {
  const { data: me } = useQuery(meQuery)
  const take = useMutation({
    mutationFn: async (version: string) =>
      // Against itself every line is the same, and the version's.
      (await call('ruleDiff', { params: { id: rule.id }, query: { from: version, to: version } })).lines,
    onSuccess: (lines) => onEdit(lines.map((line) => line.text).join('\n')),
  })
  const { data, error, isPending } = useQuery(ask('ruleHistory', { params: { id: rule.id } }))
  const [pair, setPair] = useState<{ from: string; to: string }>()
  if (error !== null) return <ProblemNote error={error} />
  if (isPending) return <Skeleton height={160} />
  if (data.versions.length === 0) return <p className="v-muted">{text.none}</p>
  return (
    <>
      <div className={`${partStyles.card} ${partStyles.tableWrap}`} tabIndex={0} role="region" aria-label={text.title}>
        <table className={partStyles.table}>
          <tbody>
            {data.versions.map((version, index) => {
              const before = data.versions[index + 1]
              return (
                <tr key={version.fileDigest + version.at}>
                  <td>
                    <Instant time={version.at} precision="min" />{' '}
                    <span className="v-muted">{version.by ?? text.onDisk}</span>
                    {version.note !== undefined && <div>{version.note}</div>}
                  </td>
                  <td className="v-mono">{version.fileDigest.slice(0, 12)}</td>
                  <td>
                    {version.running && <Badge tone="good">{text.running}</Badge>}{' '}
                    {before !== undefined && before.digest === version.digest && (
                      <Badge tone="plain">{text.wordsOnly}</Badge>
                    )}
                  </td>
                  <td className={partStyles.right}>
                    {before !== undefined && (
                      <Button
                        variant="subtle"
                        onClick={() => setPair({ from: before.fileDigest, to: version.fileDigest })}
                      >
                        {text.diff}
                      </Button>
                    )}
                    {me?.permissions.includes('rules:test') === true && (
                      <Button
                        variant="subtle"
                        loading={take.isPending && take.variables === version.fileDigest}
                        onClick={() => take.mutate(version.fileDigest)}
                      >
                        {text.edit}
                      </Button>
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {take.error !== null && <ProblemNote error={take.error} />}
      {pair !== undefined && <Diff id={rule.id} from={pair.from} to={pair.to} />}
    </>
  )
}

const signs = { same: ' ', removed: '-', added: '+' } as const

function Diff({ id, from, to }: { id: string; from: string; to: string }) {
  const { data, error } = useQuery(ask('ruleDiff', { params: { id }, query: { from, to } }))
  if (error !== null) return <ProblemNote error={error} />
  if (data === undefined) return <Skeleton height={100} />
  return (
    <section>
      <h3>
        {text.diffTitle(from.slice(0, 8), to.slice(0, 8))}{' '}
        <Badge tone={data.decides ? 'high' : 'plain'}>{data.decides ? text.decides : text.wordsOnly}</Badge>
      </h3>
      <pre className={styles.diff} role="region" tabIndex={0} aria-label={text.diff}>
        {data.lines.map((line, index) => (
          <span key={index} className={styles[line.kind]}>
            {signs[line.kind]} {line.text}
            {'\n'}
          </span>
        ))}
      </pre>
    </section>
  )
}
