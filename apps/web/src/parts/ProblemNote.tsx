// A failed question, said plainly, with what to do next.
import { Button } from '@mantine/core'
import { ApiError } from '../api/client.ts'
import { messages } from '../messages.en.ts'
import styles from './parts.module.css'

export function ProblemNote({ error, retry }: { error: unknown; retry?: () => unknown }) {
  const text = error instanceof Error ? error.message : String(error)
  const title =
    error instanceof ApiError && error.status === 403 ? messages.problems.forbidden : messages.problems.title
  return (
    <div className={styles.problem} role="alert">
      <div style={{ flex: 1 }}>
        <strong>{title}</strong>
        <p>{text}</p>
        {error instanceof ApiError && (
          <>
            {error.errors.map((one) => (
              <p key={`${one.path}${one.message}`}>
                {one.path !== undefined && <code>{one.path}: </code>}
                {one.message}
              </p>
            ))}
            {error.hint !== undefined && <p>{error.hint}</p>}
            <p className="v-muted">{messages.problems.code(error.code)}</p>
          </>
        )}
      </div>
      {retry !== undefined && (
        <Button variant="default" onClick={() => void retry()}>
          {messages.problems.retry}
        </Button>
      )}
    </div>
  )
}
