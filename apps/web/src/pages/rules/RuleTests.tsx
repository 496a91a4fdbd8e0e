// The tests inside the rule file, run by the engine that runs live.
import { Button } from '@mantine/core'
import { IconCheck, IconPlayerPlay, IconX } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { RuleDetail } from '@varde/api/contract'
import { call } from '../../api/client.ts'
import { meQuery } from '../../api/queries.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { messages } from './messages.en.ts'
import styles from './rules.module.css'

export function RuleTests({ rule }: { rule: RuleDetail }) {
  const { data: me } = useQuery(meQuery)
  const run = useMutation({ mutationFn: () => call('testRule', { params: { id: rule.id } }) })
  if (rule.testNames.length === 0) return <EmptyState title={messages.tests.none} />
  const failed = run.data?.failed ?? 0
  return (
    <>
      <div className={styles.testHead} aria-live="polite">
        {me?.permissions.includes('rules:test') === true && (
          <Button leftSection={<IconPlayerPlay size={13} />} loading={run.isPending} onClick={() => run.mutate()}>
            {messages.tests.run}
          </Button>
        )}
        {run.data !== undefined && (
          <Badge tone={failed === 0 ? 'good' : 'critical'}>{messages.tests.passed(run.data.passed, failed)}</Badge>
        )}
      </div>
      {run.isError && <ProblemNote error={run.error} />}
      <div className={`${partStyles.card} ${partStyles.tableWrap}`}>
        <table className={partStyles.table}>
          <tbody>
            {rule.testNames.map((test) => {
              const result = run.data?.results.find((one) => one.name === test.name)
              return (
                <tr key={test.name}>
                  <td className={styles.testMark}>
                    {result !== undefined &&
                      (result.ok ? (
                        <IconCheck size={16} color="var(--v-good)" aria-label={messages.tests.ok} />
                      ) : (
                        <IconX size={16} color="var(--v-critical)" aria-label={messages.tests.fails} />
                      ))}
                  </td>
                  <td>
                    {test.name}
                    {result !== undefined && !result.ok && (
                      <div className={styles.testGot}>
                        {messages.tests.expects} {result.expected}. {messages.tests.got} {result.got}.
                      </div>
                    )}
                  </td>
                  <td className="v-muted">{test.expects}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </>
  )
}
