// Name and password; or, before the first user exists, how to get one.
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiError, call } from '../../api/client.ts'
import { healthQuery, meQuery } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Frame } from './Frame.tsx'
import { messages } from './messages.en.ts'

const route = getRouteApi('/sign-in')

export function SignInPage() {
  const { to } = route.useSearch()
  const router = useRouter()
  const { data: health } = useQuery(healthQuery)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      queryClient.setQueryData(meQuery.queryKey, await call('signIn', { body: { name, password } }))
      router.history.push(to?.startsWith('/') === true && !to.startsWith('//') ? to : '/')
    } catch (cause) {
      setError(cause)
      setPassword('')
    } finally {
      setBusy(false)
    }
  }

  if (health?.setUpNeeded === true) {
    return (
      <Frame title={messages.setUpNeeded}>
        <p>{messages.setUpNeededHint}</p>
        <code>{window.location.origin}/setup#…</code>
      </Frame>
    )
  }
  const wrong = error instanceof ApiError && error.status === 401
  return (
    <Frame title={messages.title}>
      <form onSubmit={(event) => void submit(event)}>
        <TextInput
          label={messages.name}
          size="sm"
          name="username"
          autoComplete="username"
          autoFocus
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          mb="sm"
        />
        <PasswordInput
          label={messages.password}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={wrong ? messages.wrong : undefined}
          mb="md"
        />
        {error !== undefined && !wrong && <ProblemNote error={error} />}
        <Button type="submit" size="sm" fullWidth loading={busy}>
          {messages.signIn}
        </Button>
      </form>
    </Frame>
  )
}
