// The rule, or an edited text of it, on pasted lines.
import { Button, Textarea } from '@mantine/core'
import { IconCheck, IconMinus } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { RouteOutput, RuleDetail } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { CodeBlock } from '../../parts/CodeBlock.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Finding } from './Finding.tsx'
import { messages } from './messages.en.ts'
import styles from './rules.module.css'

const linesMax = 200

export function TryRule({ rule, draft }: { rule: RuleDetail; draft: string | undefined }) {
  const [text, setText] = useState('')
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, linesMax)
  const run = useMutation({
    mutationFn: () =>
      call('tryRule', { body: { rule: draft === undefined ? { id: rule.id } : { text: draft }, on: { lines } } }),
  })
  return (
    <form
      className={styles.try}
      onSubmit={(event) => {
        event.preventDefault()
        if (lines.length > 0) run.mutate()
      }}
    >
      <p className="v-muted">{draft === undefined ? messages.try.ofFile : messages.try.edited}</p>
      <Textarea
        label={messages.try.label}
        description={messages.try.hint}
        autosize
        minRows={5}
        maxRows={20}
        spellCheck={false}
        classNames={{ input: styles.editor ?? '' }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" loading={run.isPending} disabled={lines.length === 0}>
          {messages.try.run}
        </Button>
      </div>
      {run.isError && <ProblemNote error={run.error} />}
      {run.data !== undefined && <Outcome outcome={run.data} />}
    </form>
  )
}

function Outcome({ outcome }: { outcome: RouteOutput<'tryRule'> }) {
  return (
    <div aria-live="polite">
      {outcome.findings.map((finding) => (
        <Finding key={`${finding.line}${finding.message}`} finding={finding} />
      ))}
      {outcome.results.length > 0 && (
        <>
          <p>{messages.try.alerts(outcome.alerts.length)}</p>
          <ul>
            {outcome.alerts.map((title) => (
              <li key={title}>
                <strong>{title}</strong>
              </li>
            ))}
          </ul>
        </>
      )}
      {outcome.results.map((result) => (
        <details key={result.index} className={styles.result}>
          <summary>
            {result.matched ? (
              <IconCheck size={15} color="var(--v-good)" aria-hidden="true" />
            ) : (
              <IconMinus size={15} aria-hidden="true" />
            )}
            {messages.try.line(result.index + 1)} {result.matched ? messages.try.matched : messages.try.not}
            {result.step !== undefined && ` (${result.step})`}
            {result.problem !== undefined && <span className={styles.testGot}> {result.problem}</span>}
          </summary>
          {result.event !== undefined && (
            <CodeBlock text={JSON.stringify(result.event, null, 2)} language="json" label={messages.try.show} />
          )}
        </details>
      ))}
    </div>
  )
}
