// Paste a line, see the event that ingest would make of it.
import { Button, Select, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RouteOutput } from '@varde/api/contract'
import { useMemo, useState } from 'react'
import { call } from '../../api/client.ts'
import { datasetsQuery } from '../../api/queries.ts'
import { CodeBlock } from '../../parts/CodeBlock.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { flatten, showValue } from '../../parts/flatten.ts'
import { formatShare } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge, SeverityBadge } from '../../parts/SeverityBadge.tsx'
import { messages } from './messages.en.ts'
import styles from './parse.module.css'

type Result = RouteOutput<'parse'>['results'][number]
const linesMax = 100

export function ParsePage() {
  const [text, setText] = useState('')
  const [dataset, setDataset] = useState<string | null>(null)
  const [timeZone, setTimeZone] = useState('')
  const { data: datasets } = useQuery(datasetsQuery)
  const all = text.split('\n').filter((line) => line.trim() !== '')
  const lines = all.slice(0, linesMax)
  const run = useMutation({
    mutationFn: () =>
      call('parse', {
        body: {
          lines,
          ...(dataset === null ? {} : { dataset }),
          ...(timeZone.trim() === '' ? {} : { timeZone: timeZone.trim() }),
        },
      }),
  })
  return (
    <div className={partStyles.page}>
      <div className={partStyles.pageHead}>
        <h1>{messages.title}</h1>
        <span className="v-muted">{messages.intro}</span>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (lines.length > 0) run.mutate()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && lines.length > 0) run.mutate()
        }}
      >
        <Textarea
          label={messages.lines}
          placeholder={messages.placeholder}
          autosize
          minRows={4}
          maxRows={16}
          spellCheck={false}
          classNames={{ input: styles.input ?? '' }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          description={all.length > linesMax ? messages.tooMany(linesMax) : undefined}
        />
        <div className={styles.options}>
          <Select
            label={messages.dataset}
            placeholder={messages.datasetAny}
            searchable
            clearable
            w={240}
            value={dataset}
            onChange={setDataset}
            data={datasets?.datasets ?? []}
          />
          <TextInput
            label={messages.timeZone}
            placeholder="UTC"
            w={200}
            value={timeZone}
            onChange={(event) => setTimeZone(event.currentTarget.value)}
          />
          <Button type="submit" loading={run.isPending} disabled={lines.length === 0}>
            {messages.run}
          </Button>
        </div>
      </form>
      {run.isError && <ProblemNote error={run.error} />}
      {run.data === undefined && !run.isError && (
        <EmptyState
          title={messages.empty}
          actions={
            <Button variant="default" onClick={() => setText(messages.example)}>
              {messages.tryExample}
            </Button>
          }
        >
          {messages.emptyHint}
        </EmptyState>
      )}
      <div aria-live="polite">
        {run.data?.results.map((result, index) => (
          <Parsed key={index} index={index} result={result} />
        ))}
      </div>
    </div>
  )
}

function Parsed({ index, result }: { index: number; result: Result }) {
  const fields = useMemo(
    () => (result.ok ? [...flatten(result.event)].sort(([a], [b]) => (a < b ? -1 : 1)) : []),
    [result],
  )
  if (!result.ok) {
    return (
      <section className={`${partStyles.card} ${styles.result}`}>
        <div className={partStyles.cardHead}>
          <h2>{messages.line(index + 1)}</h2>
          <Badge tone="critical">{messages.failed}</Badge>
          <code>{result.reason}</code>
        </div>
        <div className={partStyles.cardBody}>{result.detail}</div>
      </section>
    )
  }
  return (
    <section className={`${partStyles.card} ${styles.result}`}>
      <div className={partStyles.cardHead}>
        <h2>{messages.line(index + 1)}</h2>
        <Badge tone="good">{result.dataset}</Badge>
        <span className="v-muted">
          {messages.fields(fields.length)} ·{' '}
          {messages.explained(formatShare(result.bytes === 0 ? 1 : 1 - result.unexplainedBytes / result.bytes))}
          {result.unexplainedBytes > 0 && ` · ${messages.unexplained(String(result.unexplainedBytes))}`}
        </span>
      </div>
      <div className={styles.columns}>
        <table className={styles.fields}>
          <tbody>
            {fields.map(([field, value]) => (
              <tr key={field}>
                <th scope="row">{field}</th>
                <td>{showValue(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <div className={styles.side}>
          <h3>{messages.rules}</h3>
          {result.rules.length === 0 && <p className="v-muted">{messages.noRules}</p>}
          {result.rules.map((rule) => (
            <div key={rule.id} className={styles.rule}>
              <SeverityBadge severity={rule.severity} bare />
              <Link to="/rules/$id" params={{ id: rule.id }}>
                {rule.name}
              </Link>
            </div>
          ))}
          {result.notes.length > 0 && (
            <>
              <h3>{messages.notes}</h3>
              <ul>
                {result.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </>
          )}
          <details>
            <summary>{messages.json}</summary>
            <CodeBlock
              text={JSON.stringify(result.event, null, 2)}
              language="json"
              label={messages.json}
              maxHeight={420}
            />
          </details>
        </div>
      </div>
    </section>
  )
}
