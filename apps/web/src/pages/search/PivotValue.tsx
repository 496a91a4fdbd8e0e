// One value of one field, with everything that can be done with it.
import { Menu } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import {
  IconBell,
  IconChartBar,
  IconColumns3,
  IconCopy,
  IconMinus,
  IconPlus,
  IconSearch,
  IconTarget,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { Json } from '@varde/schema'
import { showValue } from '../../parts/flatten.ts'
import { useSearchActions } from './actions.ts'
import { messages } from './messages.en.ts'
import styles from './search.module.css'

const entityFields: { kind: 'user' | 'host' | 'ip'; fits: RegExp }[] = [
  { kind: 'user', fits: /(^|\.)user(\.\w+)*\.name$|^related\.user$/ },
  { kind: 'host', fits: /(^|\.)host\.(name|hostname)$|^related\.hosts$/ },
  { kind: 'ip', fits: /(^|\.)ip$|^related\.ip$/ },
]

export function PivotValue({ field, value }: { field: string; value: Json }) {
  const actions = useSearchActions()
  const clipboard = useClipboard()
  const shown = showValue(value)
  const entity = entityFields.find((one) => one.fits.test(field))
  const everywhere = { q: `"${shown.replace(/[\\"]/g, '\\$&')}"`, from: actions.state.from, to: actions.state.to }
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <button type="button" className={styles.pivot} aria-label={messages.pivot.label(`${field} ${shown}`)}>
          {shown === '' ? '""' : shown}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPlus size={14} />} onClick={() => actions.include(field, value)}>
          {messages.pivot.include}
        </Menu.Item>
        <Menu.Item leftSection={<IconMinus size={14} />} onClick={() => actions.exclude(field, value)}>
          {messages.pivot.exclude}
        </Menu.Item>
        <Menu.Item leftSection={<IconTarget size={14} />} onClick={() => actions.only(field, value)}>
          {messages.pivot.only}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconSearch size={14} />}
          renderRoot={(props) => <Link to="/search" search={everywhere} {...props} />}
        >
          {messages.pivot.around}
        </Menu.Item>
        {entity !== undefined && (
          <Menu.Item
            leftSection={<IconBell size={14} />}
            renderRoot={(props) => (
              <Link to="/alerts" search={{ entity: `${entity.kind}:${shown}`, status: 'all' }} {...props} />
            )}
          >
            {messages.pivot.alerts}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item leftSection={<IconColumns3 size={14} />} onClick={() => actions.toggleColumn(field)}>
          {messages.pivot.column}
        </Menu.Item>
        <Menu.Item leftSection={<IconChartBar size={14} />} onClick={() => actions.breakDown(field)}>
          {messages.pivot.group}
        </Menu.Item>
        <Menu.Item leftSection={<IconCopy size={14} />} onClick={() => clipboard.copy(shown)}>
          {messages.pivot.copy}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
