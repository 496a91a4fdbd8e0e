// The top of the search page: the box, the range, live refresh and export.
import { ActionIcon, Button, Menu, Popover, Tooltip } from '@mantine/core'
import { IconBookmark, IconCheck, IconDownload, IconPlayerPlay, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Count } from '@varde/api/contract'
import { lazy, type RefObject, Suspense, useState } from 'react'
import { meQuery } from '../../api/queries.ts'
import { TimeRangePicker } from '../../parts/TimeRangePicker.tsx'
import { useSearchActions } from './actions.ts'
import { messages } from './messages.en.ts'
import { QueryBox } from './QueryBox.tsx'
import styles from './search.module.css'
import { liveSeconds, rangeOf } from './search-state.ts'

interface Props {
  box: RefObject<HTMLInputElement | null>
  busy: boolean
  total: Count | undefined
}

const ExportDialog = lazy(() => import('./ExportDialog.tsx').then((file) => ({ default: file.ExportDialog })))
const SavedSearches = lazy(() => import('./SavedSearches.tsx').then((file) => ({ default: file.SavedSearches })))

export function SearchBar({ box, busy, total }: Props) {
  const actions = useSearchActions()
  const { live } = actions.state
  return (
    <div className={styles.bar}>
      <QueryBox box={box} />
      <div className={styles.barRight}>
        <TimeRangePicker value={rangeOf(actions.state)} onChange={actions.setRange} withAllTime />
        <Button.Group>
          <Tooltip label={messages.refresh}>
            <Button
              variant="default"
              px={8}
              aria-label={messages.refresh}
              onClick={actions.refresh}
              className={busy ? styles.spinning : ''}
            >
              <IconRefresh size={15} />
            </Button>
          </Tooltip>
          <Menu>
            <Menu.Target>
              <Button
                variant={live === undefined ? 'default' : 'light'}
                px={8}
                aria-label={messages.live.button(live === undefined ? messages.live.off : messages.live.every(live))}
              >
                {live === undefined ? <IconPlayerPlay size={14} /> : `${live} s`}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{messages.live.label}</Menu.Label>
              {[undefined, ...liveSeconds].map((seconds) => (
                <Menu.Item
                  key={seconds ?? 'off'}
                  rightSection={seconds === live && <IconCheck size={14} />}
                  onClick={() => actions.set({ live: seconds })}
                >
                  {seconds === undefined
                    ? messages.live.off
                    : seconds === '2'
                      ? messages.live.tail
                      : messages.live.every(seconds)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </Button.Group>
        <Saved />
        <Export total={total} />
      </div>
    </div>
  )
}

function Saved() {
  const [opened, setOpened] = useState(false)
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={320} trapFocus returnFocus>
      <Popover.Target>
        <Tooltip label={messages.saved.button}>
          <ActionIcon
            aria-label={messages.saved.button}
            aria-expanded={opened}
            size={30}
            variant="default"
            onClick={() => setOpened(!opened)}
          >
            <IconBookmark size={15} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p="sm" aria-label={messages.saved.button}>
        <Suspense fallback={null}>
          <SavedSearches onDone={() => setOpened(false)} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}

function Export({ total }: { total: Count | undefined }) {
  const { data: me } = useQuery(meQuery)
  const [opened, setOpened] = useState(false)
  if (me?.permissions.includes('events:export') !== true) return null
  return (
    <>
      <Tooltip label={messages.export.button}>
        <ActionIcon
          aria-label={messages.export.button}
          size={30}
          variant="default"
          disabled={total === undefined}
          onClick={() => setOpened(true)}
        >
          <IconDownload size={15} />
        </ActionIcon>
      </Tooltip>
      <Suspense fallback={null}>
        {opened && total !== undefined && <ExportDialog total={total} onClose={() => setOpened(false)} />}
      </Suspense>
    </>
  )
}
