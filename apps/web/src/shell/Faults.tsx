// What is shown where a page is not, or has failed.
import { Button } from '@mantine/core'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import { ApiError } from '../api/client.ts'
import { messages } from '../messages.en.ts'
import { EmptyState } from '../parts/EmptyState.tsx'
import { Logo } from '../parts/Logo.tsx'
import { ProblemNote } from '../parts/ProblemNote.tsx'

export function NotFound() {
  return (
    <EmptyState
      icon={<Logo size={40} />}
      title={messages.problems.notFound}
      actions={<Link to="/">{messages.problems.toOverview}</Link>}
    >
      {messages.problems.notFoundHint}
    </EmptyState>
  )
}

export function Crashed({ error, reset }: ErrorComponentProps) {
  if (error instanceof ApiError) {
    return (
      <div style={{ maxWidth: 640, margin: '40px auto', padding: '0 16px' }}>
        <ProblemNote error={error} retry={reset} />
      </div>
    )
  }
  return (
    <EmptyState
      icon={<Logo size={40} />}
      title={messages.problems.crashed}
      actions={<Button onClick={() => window.location.reload()}>{messages.problems.reload}</Button>}
    >
      <p>{messages.problems.crashedHint}</p>
      <code>{error instanceof Error ? error.message : String(error)}</code>
    </EmptyState>
  )
}
