// My own password: the current one, and the new one twice.
import { PasswordInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { messages } from '../messages.en.ts'
import { FormDialog } from '../parts/FormDialog.tsx'

const text = messages.password

export function ChangePassword({ onClose }: { onClose: () => void }) {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [differs, setDiffers] = useState(false)
  const change = useMutation({
    mutationFn: () => call('changePassword', { body: { current, password } }),
    onSuccess: onClose,
  })
  const work = {
    ...change,
    mutate() {
      setDiffers(again !== password)
      if (again === password) change.mutate()
    },
  }
  return (
    <FormDialog title={text.title} action={text.change} work={work} onClose={onClose}>
      <PasswordInput
        label={text.current}
        required
        autoComplete="current-password"
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
        data-autofocus
      />
      <PasswordInput
        label={text.next}
        description={text.hint}
        required
        minLength={12}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <PasswordInput
        label={text.again}
        required
        autoComplete="new-password"
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
        error={differs ? text.differs : undefined}
      />
      <p className="v-muted">{text.ends}</p>
    </FormDialog>
  )
}
