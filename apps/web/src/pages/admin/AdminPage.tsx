// API keys of senders, channels over which people are told, the people who may sign in, look-ups of values, and the audit.
import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { meQuery } from '../../api/queries.ts'
import partStyles from '../../parts/parts.module.css'
import { AuditTab } from './AuditTab.tsx'
import { adminTabs } from './admin-search.ts'
import { ChannelsTab } from './ChannelsTab.tsx'
import { KeysTab } from './KeysTab.tsx'
import { LookUpsTab } from './LookUpsTab.tsx'
import { messages } from './messages.en.ts'
import { UsersTab } from './UsersTab.tsx'

const route = getRouteApi('/app/admin')

export function AdminPage() {
  const { tab } = route.useSearch()
  const navigate = useNavigate({ from: '/admin' })
  const { data: me } = useQuery(meQuery)
  const users = me?.permissions.includes('users:manage') === true
  const keys = me?.permissions.includes('keys:manage') === true
  return (
    <div className={partStyles.page}>
      <div className={partStyles.pageHead}>
        <h1>{messages.title}</h1>
      </div>
      <Tabs
        value={tab ?? (keys ? 'keys' : 'audit')}
        onChange={(next) => void navigate({ search: { tab: adminTabs.find((one) => one === next) } })}
      >
        <Tabs.List mb="sm" aria-label={messages.title}>
          {keys && <Tabs.Tab value="keys">{messages.tabs.keys}</Tabs.Tab>}
          <Tabs.Tab value="channels">{messages.tabs.channels}</Tabs.Tab>
          {users && <Tabs.Tab value="users">{messages.tabs.users}</Tabs.Tab>}
          {users && <Tabs.Tab value="look-ups">{messages.tabs['look-ups']}</Tabs.Tab>}
          <Tabs.Tab value="audit">{messages.tabs.audit}</Tabs.Tab>
        </Tabs.List>
        {keys && (
          <Tabs.Panel value="keys">
            <KeysTab />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="channels">
          <ChannelsTab mayTest={users} />
        </Tabs.Panel>
        {users && (
          <Tabs.Panel value="users">
            <UsersTab me={me} />
          </Tabs.Panel>
        )}
        {users && (
          <Tabs.Panel value="look-ups">
            <LookUpsTab />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="audit">
          <AuditTab />
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}
