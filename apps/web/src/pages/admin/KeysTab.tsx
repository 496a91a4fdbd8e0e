// The API keys: create, see when last used, revoke.
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ApiKey, RouteOutput } from '@varde/api/contract'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { messages as common } from '../../messages.en.ts'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { FormDialog } from '../../parts/FormDialog.tsx'
import { ListTab } from '../../parts/ListTab.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './admin.module.css'
import { messages } from './messages.en.ts'

const text = messages.keys
const again = () => queryClient.invalidateQueries({ queryKey: ['keys'] })

export function KeysTab() {
  const { data, error, isPending, refetch } = useQuery(ask('keys', {}))
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<ApiKey>()
  const [created, setCreated] = useState<RouteOutput<'createKey'>>()
  const query = { error, isPending, refetch }
  const some = data !== undefined && data.keys.length > 0
  return (
    <>
      <ListTab
        name={messages.tabs.keys}
        intro={text.intro}
        action={text.create}
        onAction={() => setCreating(true)}
        query={query}
        columns={some ? Object.values(text.columns) : undefined}
      >
        {data?.keys.length === 0 && <EmptyState title={text.none}>{text.noneText}</EmptyState>}
        {data?.keys.map((key) => (
          <KeyRow key={key.id} apiKey={key} onRevoke={setRevoking} />
        ))}
      </ListTab>
      {creating && (
        <CreateKey
          onClose={() => setCreating(false)}
          onCreated={(key) => {
            setCreating(false)
            setCreated(key)
            void again()
          }}
        />
      )}
      {revoking !== undefined && <RevokeKey apiKey={revoking} onClose={() => setRevoking(undefined)} />}
      {created !== undefined && <Secret created={created} onClose={() => setCreated(undefined)} />}
    </>
  )
}

function KeyRow({ apiKey: key, onRevoke }: { apiKey: ApiKey; onRevoke: (key: ApiKey) => void }) {
  return (
    <tr>
      <td>
        <strong>{key.name}</strong>
      </td>
      <td>{key.source}</td>
      <td>{key.tenant}</td>
      <td>{key.dataset ?? ''}</td>
      <td>
        <Instant time={key.createdAt} precision="min" /> <span className="v-muted">{key.createdBy}</span>
      </td>
      <td>{key.lastUsedAt === undefined ? text.never : <Instant time={key.lastUsedAt} relative />}</td>
      <td>
        <Badge tone={key.revokedAt === undefined ? 'good' : 'plain'}>
          {key.revokedAt === undefined ? text.active : text.revoked}
        </Badge>
      </td>
      <td className={partStyles.right}>
        {key.revokedAt === undefined && (
          <Button variant="subtle" color="red" onClick={() => onRevoke(key)}>
            {text.revoke}
          </Button>
        )}
      </td>
    </tr>
  )
}

function CreateKey({
  onClose,
  onCreated,
}: {
  onClose: () => void
  onCreated: (key: RouteOutput<'createKey'>) => void
}) {
  const [name, setName] = useState('')
  const [source, setSource] = useState('')
  const [tenant, setTenant] = useState('house')
  const [dataset, setDataset] = useState('')
  const create = useMutation({
    mutationFn: () =>
      call('createKey', {
        body: {
          name: name.trim(),
          source: source.trim(),
          tenant: tenant.trim(),
          ...(dataset.trim() === '' ? {} : { dataset: dataset.trim() }),
        },
      }),
    onSuccess: onCreated,
  })
  return (
    <FormDialog title={text.createTitle} action={text.create} work={create} onClose={onClose}>
      <TextInput
        label={text.name}
        description={text.nameHint}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label={text.source}
        description={text.sourceHint}
        required
        value={source}
        onChange={(event) => setSource(event.currentTarget.value)}
      />
      <TextInput
        label={text.tenant}
        required
        value={tenant}
        onChange={(event) => setTenant(event.currentTarget.value)}
      />
      <TextInput
        label={text.dataset}
        description={text.datasetHint}
        value={dataset}
        onChange={(event) => setDataset(event.currentTarget.value)}
      />
    </FormDialog>
  )
}

function Secret({ created, onClose }: { created: RouteOutput<'createKey'>; onClose: () => void }) {
  const beats = elasticForm(created.secret)
  return (
    <Modal
      opened
      onClose={onClose}
      title={text.secretTitle}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <p>{text.secretText}</p>
      <div className={styles.secret}>
        <code>{created.secret}</code>
        <CopyButton value={created.secret} />
      </div>
      {beats !== undefined && (
        <>
          <p>{text.beats}</p>
          <div className={styles.secret}>
            <code>{beats}</code>
            <CopyButton value={beats} />
          </div>
        </>
      )}
      <Button onClick={onClose} mt="md">
        {text.done}
      </Button>
    </Modal>
  )
}

/** `varde_ID_SECRET` as `ID:SECRET`. */
function elasticForm(secret: string): string | undefined {
  const [, id, rest] = /^varde_([0-9a-f]+)_(.+)$/.exec(secret) ?? []
  return id === undefined || rest === undefined ? undefined : `${id}:${rest}`
}

function RevokeKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const revoke = useMutation({
    mutationFn: () => call('revokeKey', { params: { id: apiKey.id } }),
    onSuccess: () => {
      onClose()
      void again()
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={text.revokeTitle(apiKey.name)}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <p>{text.revokeText}</p>
      {revoke.isError && <ProblemNote error={revoke.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {common.cancel}
        </Button>
        <Button color="red" loading={revoke.isPending} onClick={() => revoke.mutate()}>
          {text.revoke}
        </Button>
      </Group>
    </Modal>
  )
}
