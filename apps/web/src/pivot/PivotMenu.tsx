// What can be done with a value: on the search page it changes the search, elsewhere it leads there.
import { Menu } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import {
  IconArrowsVertical,
  IconBell,
  IconBriefcase,
  IconChartBar,
  IconColumns3,
  IconCopy,
  IconExternalLink,
  IconId,
  IconMinus,
  IconPlus,
  IconSearch,
  IconTarget,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useCallback, useContext, useState } from 'react'
import { meQuery } from '../api/queries.ts'
import { type SearchActions, SearchActionsContext } from '../pages/search/actions.ts'
import { fieldFilter } from '../pages/search/kql.ts'
import { showValue } from '../parts/flatten.ts'
import { entityOfField, quoted } from './entity.ts'
import { lookUpsFor, lookUpsQuery } from './look-ups.ts'
import { messages } from './messages.en.ts'
import styles from './pivot.module.css'
import { PivotContext, type PivotTarget } from './pivot.ts'

const AddToCase = lazy(() => import('../pages/cases/AddToCase.tsx').then((file) => ({ default: file.AddToCase })))

export function PivotProvider({ children }: { children: ReactNode }) {
  const [target, setTarget] = useState<PivotTarget>()
  const [opened, setOpened] = useState(false)
  const [adding, setAdding] = useState<string>()
  const open = useCallback((next: PivotTarget) => {
    setTarget(next)
    setOpened(true)
  }, [])
  const box = target?.element.getBoundingClientRect()
  return (
    <PivotContext value={open}>
      {children}
      {target !== undefined && box !== undefined && (
        <Menu
          opened={opened}
          onChange={setOpened}
          onClose={() => target.element.focus()}
          position="bottom-start"
          returnFocus={false}
          withInitialFocusPlaceholder={false}
        >
          <Menu.Target>
            <button
              type="button"
              tabIndex={-1}
              aria-label={messages.label(`${target.field} ${showValue(target.value)}`)}
              className={styles.anchor}
              style={{ left: box.left, top: box.top, width: Math.min(box.width, 200), height: box.height }}
            />
          </Menu.Target>
          <Menu.Dropdown aria-label={messages.label(`${target.field} ${showValue(target.value)}`)}>
            <Items target={target} onAddToCase={setAdding} />
          </Menu.Dropdown>
        </Menu>
      )}
      <Suspense>
        {adding !== undefined && <AddToCase what={{ events: [adding] }} onClose={() => setAdding(undefined)} />}
      </Suspense>
    </PivotContext>
  )
}

function Items({ target, onAddToCase }: { target: PivotTarget; onAddToCase: (eventId: string) => void }) {
  const { field, value, eventId } = target
  const actions = useContext(SearchActionsContext)
  const { data: me } = useQuery(meQuery)
  const { data: lookUps } = useQuery(lookUpsQuery)
  const clipboard = useClipboard()
  const shown = showValue(value)
  const entity = entityOfField(field)
  const range = { from: actions?.state.from, to: actions?.state.to }
  const links = lookUpsFor(lookUps?.lookUps ?? [], field, shown)
  const may = (permission: 'alerts:read' | 'cases:write') => me?.permissions.includes(permission) === true
  return (
    <>
      {actions === undefined ? (
        <Menu.Item
          leftSection={<IconSearch size={14} />}
          renderRoot={(props) => <Link to="/search" search={{ q: fieldFilter(field, value) }} {...props} />}
        >
          {messages.search}
        </Menu.Item>
      ) : (
        <InSearch actions={actions} target={target} />
      )}
      <Menu.Item
        leftSection={<IconSearch size={14} />}
        renderRoot={(props) => <Link to="/search" search={{ q: quoted(shown), ...range }} {...props} />}
      >
        {messages.everywhere}
      </Menu.Item>
      {entity !== undefined && (
        <Menu.Item
          leftSection={<IconId size={14} />}
          renderRoot={(props) => (
            <Link to="/entities/$kind/$value" params={{ kind: entity, value: shown }} search={range} {...props} />
          )}
        >
          {messages.entity[entity]}
        </Menu.Item>
      )}
      {entity !== undefined && may('alerts:read') && (
        <Menu.Item
          leftSection={<IconBell size={14} />}
          renderRoot={(props) => (
            <Link to="/alerts" search={{ entity: `${entity}:${shown}`, status: 'all' }} {...props} />
          )}
        >
          {messages.alerts}
        </Menu.Item>
      )}
      <Menu.Divider />
      <Menu.Item leftSection={<IconCopy size={14} />} onClick={() => clipboard.copy(shown)}>
        {messages.copy}
      </Menu.Item>
      {eventId !== undefined && may('cases:write') && (
        <Menu.Item leftSection={<IconBriefcase size={14} />} onClick={() => onAddToCase(eventId)}>
          {messages.addToCase}
        </Menu.Item>
      )}
      {links.length > 0 && <Menu.Label>{messages.lookUps}</Menu.Label>}
      {links.map((link) => (
        <Menu.Item
          key={link.name}
          component="a"
          href={link.url}
          target="_blank"
          rel="noreferrer noopener"
          leftSection={<IconExternalLink size={14} />}
        >
          {link.name} <span className="v-muted">{messages.opensElsewhere}</span>
        </Menu.Item>
      ))}
    </>
  )
}

function InSearch({ actions, target: { field, value, eventId } }: { actions: SearchActions; target: PivotTarget }) {
  return (
    <>
      <Menu.Item leftSection={<IconPlus size={14} />} onClick={() => actions.include(field, value)}>
        {messages.include}
      </Menu.Item>
      <Menu.Item leftSection={<IconMinus size={14} />} onClick={() => actions.exclude(field, value)}>
        {messages.exclude}
      </Menu.Item>
      <Menu.Item leftSection={<IconTarget size={14} />} onClick={() => actions.only(field, value)}>
        {messages.only}
      </Menu.Item>
      <Menu.Item leftSection={<IconChartBar size={14} />} onClick={() => actions.breakDown(field)}>
        {messages.group}
      </Menu.Item>
      <Menu.Item leftSection={<IconColumns3 size={14} />} onClick={() => actions.toggleColumn(field)}>
        {messages.column}
      </Menu.Item>
      {eventId !== undefined && (
        <Menu.Item
          leftSection={<IconArrowsVertical size={14} />}
          onClick={() => actions.set({ event: eventId, tab: 'around', scope: field })}
        >
          {messages.around}
        </Menu.Item>
      )}
    </>
  )
}
