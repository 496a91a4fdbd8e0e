// The users: create, change the role, disable.
import { Button, Group, Modal, PasswordInput, Select, Skeleton, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type Me, type Role, type RouteInput, roles, type User } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { messages as common } from '../../messages.en.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './admin.module.css'
import { messages } from './messages.en.ts'

const text = messages.users
const again = () => queryClient.invalidateQueries({ queryKey: ['users'] })
const roleOf = (value: string | null): Role => roles.find((role) => role === value) ?? 'analyst'

export function UsersTab({ me }: { me: Me }) {
  const { data, error, isPending, refetch } = useQuery(ask('users', {}))
  const [creating, setCreating] = useState(false)
  const update = useMutation({
    mutationFn: (input: RouteInput<'updateUser'>) => call('updateUser', input),
    onSuccess: again,
  })
  return (
    <>
      <Group justify="space-between" mb="sm">
        <span className="v-muted">{text.intro}</span>
        <Button onClick={() => setCreating(true)}>{text.create}</Button>
      </Group>
      {isPending && <Skeleton height={120} />}
      {error !== null && <ProblemNote error={error} retry={refetch} />}
      {update.isError && <ProblemNote error={update.error} />}
      {data !== undefined && (
        <div
          className={`${partStyles.card} ${partStyles.tableWrap}`}
          tabIndex={0}
          role="region"
          aria-label={messages.tabs.users}
        >
          <table className={partStyles.table}>
            <thead>
              <tr>
                {Object.values(text.columns).map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {data.users.map((user) => (
                <Row
                  key={user.id}
                  user={user}
                  isMe={user.id === me.id}
                  onUpdate={(body) => update.mutate({ params: { id: user.id }, body })}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {creating && <CreateUser onClose={() => setCreating(false)} />}
    </>
  )
}

function Row({
  user,
  isMe,
  onUpdate,
}: {
  user: User
  isMe: boolean
  onUpdate: (change: RouteInput<'updateUser'>['body']) => void
}) {
  return (
    <tr>
      <td>
        <strong>{user.name}</strong> {isMe && <span className="v-muted">({text.you})</span>}
      </td>
      <td>
        <Select
          aria-label={text.changeRole(user.name)}
          w={150}
          allowDeselect={false}
          disabled={isMe}
          value={user.role}
          onChange={(value) => onUpdate({ role: roleOf(value) })}
          data={[...roles]}
        />
      </td>
      <td>
        <Instant time={user.createdAt} precision="min" />
      </td>
      <td>{user.lastSignInAt === undefined ? text.never : <Instant time={user.lastSignInAt} relative />}</td>
      <td>
        <Badge tone={user.disabled ? 'plain' : 'good'}>{user.disabled ? text.disabled : text.active}</Badge>
      </td>
      <td className={partStyles.right}>
        {!isMe && (
          <Button variant="subtle" color="gray" onClick={() => onUpdate({ disabled: !user.disabled })}>
            {user.disabled ? text.enable : text.disable}
          </Button>
        )}
      </td>
    </tr>
  )
}

function CreateUser({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('analyst')
  const [password, setPassword] = useState('')
  const create = useMutation({
    mutationFn: () => call('createUser', { body: { name: name.trim(), role, password } }),
    onSuccess: () => {
      onClose()
      void again()
    },
  })
  return (
    <Modal opened onClose={onClose} title={text.createTitle} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <TextInput
          label={text.name}
          required
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Select
          label={text.role}
          allowDeselect={false}
          value={role}
          onChange={(value) => setRole(roleOf(value))}
          data={roles.map((value) => ({ value, label: text.roles[value] }))}
        />
        <PasswordInput
          label={text.password}
          description={text.passwordHint}
          required
          minLength={12}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {create.isError && <ProblemNote error={create.error} />}
        <Button type="submit" loading={create.isPending}>
          {text.create}
        </Button>
      </form>
    </Modal>
  )
}
