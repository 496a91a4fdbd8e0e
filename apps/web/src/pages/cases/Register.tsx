// The register of breaches, Art. 33(5): every breach, notified or not, with its facts, effects and remedies.
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ask } from '../../api/queries.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { TableCard } from '../../parts/TableCard.tsx'
import { Instant } from '../../time/Instant.tsx'
import { messages } from './messages.en.ts'

const text = messages.register

export function Register() {
  const { data, error, isPending, refetch } = useQuery(ask('breachRegister', { query: {} }))
  if (error !== null) return <ProblemNote error={error} retry={refetch} />
  if (isPending) return <Skeleton height={200} />
  if (data.rows.length === 0) return <EmptyState title={text.none}>{text.noneText}</EmptyState>
  return (
    <TableCard label={text.title} columns={Object.values(text.columns)}>
      {data.rows.map((row) => (
        <tr key={row.case}>
          <td>
            <Link to="/cases/$id" params={{ id: row.case }} search={{ tab: 'breach' }}>
              {row.title}
            </Link>
            <div className="v-muted">{row.case}</div>
          </td>
          <td>{row.awareAt === undefined ? '' : <Instant time={row.awareAt} precision="min" />}</td>
          <td>{row.nature}</td>
          <td>{row.effects}</td>
          <td>{row.remedies}</td>
          <td>
            {row.persons === undefined ? '' : formatCount(row.persons)} /{' '}
            {row.records === undefined ? '' : formatCount(row.records)}
          </td>
          <td>
            <Badge tone={row.notified === 'yes' ? 'good' : row.notified === 'no' ? 'plain' : 'high'}>
              {text.notified[row.notified]}
            </Badge>{' '}
            <span className="v-muted">{row.reason}</span>
          </td>
        </tr>
      ))}
    </TableCard>
  )
}
