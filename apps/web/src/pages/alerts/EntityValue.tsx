// A user, host or address of an alert, with where to go on from it.
import { Menu } from '@mantine/core'
import { IconDeviceDesktop, IconNetwork, IconUser } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { entityQueries } from '../../pivot/entity.ts'
import type { RangeText } from '../../time/range.ts'
import styles from './AlertPanel.module.css'
import { messages } from './messages.en.ts'

const icons = { user: IconUser, host: IconDeviceDesktop, ip: IconNetwork }
interface Props {
  kind: 'user' | 'host' | 'ip'
  value: string
  range: RangeText
}

export function EntityValue({ kind, value, range }: Props) {
  const Icon = icons[kind]
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button type="button" className={styles.entity} aria-label={messages.detail.pivot.label(value)}>
          <Icon size={13} aria-hidden="true" /> {value}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          renderRoot={(props) => (
            <Link to="/entities/$kind/$value" params={{ kind, value }} search={range} {...props} />
          )}
        >
          {messages.detail.pivot.page[kind]}
        </Menu.Item>
        <Menu.Item
          renderRoot={(props) => <Link to="/search" search={{ q: entityQueries[kind](value), ...range }} {...props} />}
        >
          {messages.detail.pivot.search}
        </Menu.Item>
        <Menu.Item
          renderRoot={(props) => (
            <Link to="/alerts" search={{ entity: `${kind}:${value}`, status: 'all' }} {...props} />
          )}
        >
          {messages.detail.pivot.alerts}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
