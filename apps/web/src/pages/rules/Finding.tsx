// What lint or the compiler says about a rule, with its place.
import type { RuleFinding } from '@varde/api/contract'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { messages } from './messages.en.ts'
import styles from './rules.module.css'

const tones = { error: 'critical', warning: 'medium', note: 'plain' } as const

export function Finding({ finding }: { finding: RuleFinding }) {
  return (
    <div className={styles.finding}>
      <Badge tone={tones[finding.level]}>{finding.level}</Badge>
      <span>
        {finding.message}
        {finding.line !== undefined && <span className="v-muted"> ({messages.at(finding.line, finding.column)})</span>}
      </span>
    </div>
  )
}
