// The channels over which people are told of alerts: how they do, a test of each, and what was sent.
import { Button, Group, Skeleton } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RouteOutput } from '@varde/api/contract'
import { call } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { CodeBlock } from '../../parts/CodeBlock.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge, SeverityBadge } from '../../parts/SeverityBadge.tsx'
import { TableCard } from '../../parts/TableCard.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './admin.module.css'
import { messages } from './messages.en.ts'

const text = messages.channels
type Channel = RouteOutput<'channels'>['channels'][number]
type Sent = RouteOutput<'notifications'>['notifications'][number]
const refreshMs = 5_000

const example = `notify:
  page: https://varde.example.com
  zone: Europe/Copenhagen
  channels:
    soc-mail: { kind: mail, host: smtp.example.com, user: varde, passwordFile: /etc/varde/smtp, from: varde@example.com, to: [soc@example.com] }
    on-call: { kind: webhook, urlFile: /etc/varde/on-call-url, format: text }
  routes:
    - { severity: high, channels: [soc-mail], escalation: { after: 15m, channels: [on-call] } }`

export function ChannelsTab({ mayTest }: { mayTest: boolean }) {
  const channels = useQuery({ ...ask('channels', {}), refetchInterval: refreshMs })
  const sent = useQuery({ ...ask('notifications', { query: {} }), refetchInterval: refreshMs })
  if (channels.data?.channels.length === 0)
    return (
      <EmptyState title={text.none}>
        <p>{text.noneText}</p>
        <CodeBlock text={example} language="yaml" label={text.example} />
      </EmptyState>
    )
  return (
    <>
      <p className="v-muted">{text.intro}</p>
      {channels.isPending && <Skeleton height={80} />}
      {channels.error !== null && <ProblemNote error={channels.error} retry={channels.refetch} />}
      {channels.data?.channels.map((channel) => (
        <ChannelRow key={channel.name} channel={channel} mayTest={mayTest} />
      ))}
      <h2>{text.sentTitle}</h2>
      {sent.error !== null && <ProblemNote error={sent.error} retry={sent.refetch} />}
      {sent.data?.notifications.length === 0 && <p className="v-muted">{text.nothingSent}</p>}
      {sent.data !== undefined && sent.data.notifications.length > 0 && <SentTable sent={sent.data.notifications} />}
    </>
  )
}

function ChannelRow({ channel, mayTest }: { channel: Channel; mayTest: boolean }) {
  const test = useMutation({
    mutationFn: () => call('testChannel', { body: { channel: channel.name } }),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: ['channels'] })
      void queryClient.invalidateQueries({ queryKey: ['notifications'] })
    },
  })
  return (
    <div className={`${partStyles.card} ${styles.channel}`}>
      <Group justify="space-between">
        <span>
          <strong>{channel.name}</strong> <span className="v-muted">{text.kinds[channel.kind]}</span>
        </span>
        <Group gap="sm">
          {channel.lastSentAt !== undefined && (
            <span className="v-muted">
              {text.lastSent} <Instant time={channel.lastSentAt} relative />
            </span>
          )}
          <Badge tone={channel.problem === undefined ? 'good' : 'high'}>
            {channel.problem === undefined ? text.works : text.fails}
          </Badge>
          {mayTest && (
            <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
              {text.test(channel.name)}
            </Button>
          )}
        </Group>
      </Group>
      <div role="status">
        {test.isSuccess && text.tested}
        {test.isError && <ProblemNote error={test.error} />}
        {channel.problem !== undefined && !test.isError && channel.problem}
      </div>
    </div>
  )
}

function SentTable({ sent }: { sent: Sent[] }) {
  return (
    <TableCard label={text.sentTitle} columns={Object.values(text.columns)}>
      {sent.map((one) => (
        <tr key={one.id}>
          <td>
            <Instant time={one.sentAt ?? one.createdAt} precision="min" />
          </td>
          <td>{one.channel}</td>
          <td>{text.what[one.kind]}</td>
          <td>
            <SeverityBadge severity={one.severity} />
          </td>
          <td>
            {one.alert === undefined ? (
              one.title
            ) : (
              <Link to="/alerts" search={{ alert: one.alert }}>
                {one.title}
              </Link>
            )}
          </td>
          <td>
            <Badge tone={one.status === 'sent' ? 'good' : one.status === 'failed' ? 'high' : 'plain'}>
              {text.states[one.status]}
            </Badge>
            {one.status !== 'sent' && one.error !== undefined && <span className="v-muted"> {one.error}</span>}
          </td>
        </tr>
      ))}
    </TableCard>
  )
}
