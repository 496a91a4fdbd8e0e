// ATT&CK as the rules cover it: a column a tactic, a cell a technique, with its rules, and whether they ever fired.
import { Switch } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { RuleRow } from '@varde/api/contract'
import { attackTactics, attackTechniques } from '@varde/schema'
import { useState } from 'react'
import styles from './matrix.module.css'
import { messages } from './messages.en.ts'

const text = messages.matrix

/** `TA0006/T1110.003` → technique `T1110`. */
function techniquesOf(rule: RuleRow): string[] {
  return [...new Set(rule.attack.flatMap((one) => /T\d{4}/.exec(one.split('/').at(-1) ?? '')?.[0] ?? []))]
}

export function AttackMatrix({ rules }: { rules: RuleRow[] }) {
  const [gaps, setGaps] = useState(false)
  const covering = new Map<string, RuleRow[]>()
  for (const rule of rules) {
    for (const technique of techniquesOf(rule)) covering.set(technique, [...(covering.get(technique) ?? []), rule])
  }
  const techniques = attackTechniques.filter(([id]) => !id.includes('.'))
  return (
    <>
      <Switch
        size="xs"
        mb="sm"
        label={text.gaps}
        checked={gaps}
        onChange={(event) => setGaps(event.currentTarget.checked)}
      />
      <div className={styles.matrix} tabIndex={0} role="region" aria-label={text.title}>
        {attackTactics.map(([id, name, short]) => {
          const all = techniques.filter(([, , tactics]) => tactics.split(' ').includes(short))
          const covered = all.filter(([technique]) => covering.has(technique))
          return (
            <section key={id} className={styles.tactic} aria-label={name}>
              <h2>
                {name}
                <span>{text.covered(covered.length, all.length)}</span>
              </h2>
              <ul>
                {(gaps ? all : covered).map(([technique, title]) => (
                  <Technique key={technique} id={technique} title={title} rules={covering.get(technique) ?? []} />
                ))}
              </ul>
            </section>
          )
        })}
      </div>
    </>
  )
}

function Technique({ id, title, rules }: { id: string; title: string; rules: RuleRow[] }) {
  const alerts = rules.reduce((sum, rule) => sum + rule.alerts.total, 0)
  const tone = rules.length === 0 ? styles.gap : alerts > 0 ? styles.fired : styles.quiet
  const name = (
    <>
      <code>{id}</code> {title}
    </>
  )
  return (
    <li className={tone}>
      {rules.length === 0 ? (
        name
      ) : (
        <Link to="/rules" search={{ q: id }} title={rules.map((rule) => rule.name).join('\n')}>
          {name}
        </Link>
      )}
      <span className={styles.count}>{rules.length === 0 ? text.none : text.rules(rules.length, alerts)}</span>
    </li>
  )
}
