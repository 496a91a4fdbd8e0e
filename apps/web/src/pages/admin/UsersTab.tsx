// The users: create, change the role, disable.
import { Button, PasswordInput, Select, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type Me, type Role, type RouteInput, roles, type Tenants, type User } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { FormDialog } from '../../parts/FormDialog.tsx'
import { ListTab } from '../../parts/ListTab.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import { messages } from './messages.en.ts'
import { TenantsInput } from './TenantsInput.tsx'

const text = messages.users
const again = () => queryClient.invalidateQueries({ queryKey: ['users'] })
const roleOf = (value: string | null): Role => roles.find((role) => role === value) ?? 'analyst'

const seenBy = ({ tenants }: User): string => (tenants === 'all' ? text.everyTenant : tenants.join(', '))
/** An administrator sees every tenant, whatever was before. */
const roleChange = (role: Role): RouteInput<'updateUser'>['body'] =>
  role === 'administrator' ? { role, tenants: 'all' } : { role }

export function UsersTab({ me }: { me: Me }) {
  const { data, error, isPending, refetch } = useQuery(ask('users', {}))
  const [creating, setCreating] = useState(false)
  const [limiting, setLimiting] = useState<User>()
  const update = useMutation({
    mutationFn: (input: RouteInput<'updateUser'>) => call('updateUser', input),
    onSuccess: again,
  })
  return (
    <>
      {update.isError && <ProblemNote error={update.error} />}
      <ListTab
        name={messages.tabs.users}
        intro={text.intro}
        action={text.create}
        onAction={() => setCreating(true)}
        query={{ error, isPending, refetch }}
        columns={data === undefined ? undefined : Object.values(text.columns)}
      >
        {data?.users.map((user) => (
          <Row
            key={user.id}
            user={user}
            isMe={user.id === me.id}
            onTenants={() => setLimiting(user)}
            onUpdate={(body) => update.mutate({ params: { id: user.id }, body })}
          />
        ))}
      </ListTab>
      {creating && <CreateUser onClose={() => setCreating(false)} />}
      {limiting !== undefined && <ChangeTenants user={limiting} onClose={() => setLimiting(undefined)} />}
    </>
  )
}

function Row({
  user,
  isMe,
  onTenants,
  onUpdate,
}: {
  user: User
  isMe: boolean
  onTenants: () => void
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
          onChange={(value) => onUpdate(roleChange(roleOf(value)))}
          data={[...roles]}
        />
      </td>
      <td>
        {user.role === 'administrator' ? (
          text.everyTenant
        ) : (
          <Button
            variant="subtle"
            color="gray"
            aria-label={`${text.changeTenants(user.name)}: ${seenBy(user)}`}
            onClick={onTenants}
          >
            {seenBy(user)}
          </Button>
        )}
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

function ChangeTenants({ user, onClose }: { user: User; onClose: () => void }) {
  const [tenants, setTenants] = useState<Tenants>(user.tenants)
  const save = useMutation({
    mutationFn: () => call('updateUser', { params: { id: user.id }, body: { tenants } }),
    onSuccess: () => {
      onClose()
      void again()
    },
  })
  return (
    <FormDialog title={text.seesTitle(user.name)} action={text.save} work={save} onClose={onClose}>
      <TenantsInput value={tenants} onChange={setTenants} />
      <p className="v-muted">{text.seesText}</p>
    </FormDialog>
  )
}

function CreateUser({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('analyst')
  const [password, setPassword] = useState('')
  const [tenants, setTenants] = useState<Tenants>(['house'])
  const create = useMutation({
    mutationFn: () =>
      call('createUser', {
        body: { name: name.trim(), role, password, tenants: role === 'administrator' ? 'all' : tenants },
      }),
    onSuccess: () => {
      onClose()
      void again()
    },
  })
  return (
    <FormDialog title={text.createTitle} action={text.create} work={create} onClose={onClose}>
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
      {role !== 'administrator' && <TenantsInput value={tenants} onChange={setTenants} />}
      <PasswordInput
        label={text.password}
        description={text.passwordHint}
        required
        minLength={12}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
