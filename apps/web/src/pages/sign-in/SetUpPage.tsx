// The one-time set-up link leads here: the first administrator chooses name and password.
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { Link, useRouter } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { call } from '../../api/client.ts'
import { healthQuery, meQuery } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Frame } from './Frame.tsx'
import { messages } from './messages.en.ts'

/** `#TOKEN` or `#token=TOKEN`. */
function tokenOfAddress(): string {
  return decodeURIComponent(window.location.hash.replace(/^#(token=)?/, ''))
}

export function SetUpPage() {
  const [token] = useState(tokenOfAddress)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const router = useRouter()

  const wrong = {
    name: name.trim() === '' ? messages.nameMissing : undefined,
    password: password.length < 12 ? messages.tooShort : undefined,
    again: again !== password ? messages.differs : undefined,
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.values(wrong).some((one) => one !== undefined)) return
    setBusy(true)
    setError(undefined)
    try {
      queryClient.setQueryData(meQuery.queryKey, await call('setUp', { body: { token, name: name.trim(), password } }))
      await queryClient.invalidateQueries({ queryKey: healthQuery.queryKey })
      await router.navigate({ to: '/' })
    } catch (cause) {
      setError(cause)
      setBusy(false)
    }
  }

  if (token === '') {
    return (
      <Frame title={messages.setUpTitle}>
        <EmptyState title={messages.noToken} actions={<Link to="/sign-in">{messages.toSignIn}</Link>}>
          {messages.noTokenHint}
        </EmptyState>
      </Frame>
    )
  }
  return (
    <Frame title={messages.setUpTitle}>
      <p className="v-muted">{messages.setUpText}</p>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <TextInput
          label={messages.name}
          size="sm"
          name="username"
          autoComplete="username"
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={tried ? wrong.name : undefined}
          mb="sm"
        />
        <PasswordInput
          label={messages.password}
          description={messages.passwordHint}
          name="password"
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={tried ? wrong.password : undefined}
          mb="sm"
        />
        <PasswordInput
          label={messages.again}
          name="password-again"
          autoComplete="new-password"
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          error={tried ? wrong.again : undefined}
          mb="md"
        />
        {error !== undefined && <ProblemNote error={error} />}
        <Button type="submit" size="sm" fullWidth loading={busy}>
          {messages.create}
        </Button>
      </form>
    </Frame>
  )
}
