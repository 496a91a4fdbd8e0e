// The event's seal and Merkle path, recomputed here.
import { IconCircleCheck, IconClock, IconShieldCheck, IconShieldX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { EventDetail, EventProof } from '@varde/api/contract'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { formatCount } from '../../parts/number.ts'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './EventPanel.module.css'
import { merkleQuery } from './merkle-query.ts'
import { messages } from './messages.en.ts'

/** What the server and this browser together know of a proof. */
function useVerdict(proof: EventProof): 'holds' | 'server' | 'fails' | 'waits' | 'checking' {
  const { data } = useQuery(merkleQuery(proof))
  if (proof.problem !== undefined) return 'fails'
  if (proof.state === 'unsealed') return 'waits'
  if (!proof.verified || data === 'fails') return 'fails'
  if (data === undefined) return 'checking'
  return data === 'holds' ? 'holds' : 'server'
}

export function ProofBadge({ proof }: { proof: EventProof }) {
  const verdict = useVerdict(proof)
  if (verdict === 'fails') {
    return (
      <Badge tone="critical">
        <IconShieldX size={13} aria-hidden="true" /> {messages.proof.failed}
      </Badge>
    )
  }
  if (verdict === 'waits') {
    return (
      <Badge tone="plain">
        <IconClock size={13} aria-hidden="true" /> {messages.proof.state.unsealed}
      </Badge>
    )
  }
  return (
    <Badge tone="good">
      <IconShieldCheck size={13} aria-hidden="true" /> {messages.proof.state[proof.state]}
    </Badge>
  )
}

export function ProofTab({ event }: { event: EventDetail }) {
  const { proof, home } = event
  const verdict = useVerdict(proof)
  const text = {
    holds: messages.proof.verified,
    server: messages.proof.serverOnly,
    fails: `${messages.proof.failed}. ${proof.problem ?? ''}`,
    waits: messages.proof.pending,
    checking: messages.proof.checking,
  }[verdict]
  const tone = {
    holds: styles.holds,
    server: styles.holds,
    fails: styles.fails,
    waits: styles.waits,
    checking: styles.waits,
  }[verdict]
  return (
    <>
      <div className={`${styles.verdict} ${tone}`} role="status">
        {verdict === 'fails' ? (
          <IconShieldX size={18} />
        ) : verdict === 'waits' ? (
          <IconClock size={18} />
        ) : (
          <IconCircleCheck size={18} />
        )}
        <span>{text}</span>
      </div>
      <dl className={styles.proof}>
        <Hash name={messages.proof.leaf} value={proof.leaf} />
        {proof.seal !== undefined && (
          <>
            <dt>{messages.proof.seal}</dt>
            <dd className="v-mono">{proof.seal.id}</dd>
            <dt>{messages.proof.sealedAt}</dt>
            <dd>
              <Instant time={proof.seal.sealedAt} precision="ms" />
            </dd>
            <dt>{messages.proof.covers}</dt>
            <dd>
              {messages.proof.range(
                formatCount(proof.seal.from),
                formatCount(proof.seal.to - 1),
                formatCount(proof.seal.count),
              )}
            </dd>
            <Hash name={messages.proof.root} value={proof.seal.root} />
            <Hash name={messages.proof.previous} value={proof.seal.previous} />
            <Hash name={messages.proof.ruleSet} value={proof.seal.ruleSet} />
          </>
        )}
        <dt>{messages.proof.home}</dt>
        <dd className="v-mono">
          raw.{home.stream} · {home.generation} · {home.partition} · {home.offset}
        </dd>
      </dl>
      {proof.path !== undefined && (
        <>
          <h3>{messages.proof.path(proof.path.length)}</h3>
          <ol className={styles.path}>
            {proof.path.map((step) => (
              <li key={step.digest}>
                <span className={styles.side}>{step.side === 'left' ? messages.proof.left : messages.proof.right}</span>
                <span className="v-clip">{step.digest}</span>
              </li>
            ))}
          </ol>
          <p className="v-muted">{messages.proof.how}</p>
        </>
      )}
    </>
  )
}

function Hash({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="v-mono">
        {value} <CopyButton value={value} />
      </dd>
    </>
  )
}
