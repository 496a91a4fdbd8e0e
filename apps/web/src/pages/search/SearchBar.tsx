// The top of the search page: the box, the range, live refresh and export.
import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import { IconCheck, IconDownload, IconPlayerPlay, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { RefObject } from 'react'
import { urlOf } from '../../api/client.ts'
import { meQuery } from '../../api/queries.ts'
import { formatCount } from '../../parts/number.ts'
import { TimeRangePicker } from '../../parts/TimeRangePicker.tsx'
import { useSearchActions } from './actions.ts'
import { messages } from './messages.en.ts'
import { QueryBox } from './QueryBox.tsx'
import styles from './search.module.css'
import { liveSeconds, rangeOf } from './search-state.ts'

interface Props {
  box: RefObject<HTMLInputElement | null>
  busy: boolean
  total: number
}

export function SearchBar({ box, busy, total }: Props) {
  const actions = useSearchActions()
  const live = actions.state.live
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
                  {seconds === undefined ? messages.live.off : messages.live.every(seconds)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </Button.Group>
        <ExportMenu total={total} />
      </div>
    </div>
  )
}

function ExportMenu({ total }: { total: number }) {
  const { query, range, columns } = useSearchActions()
  const { data: me } = useQuery(meQuery)
  if (me?.permissions.includes('events:export') !== true) return null
  const fields = ['@timestamp', ...columns].join(',')
  return (
    <Menu>
      <Menu.Target>
        <Tooltip label={messages.export.button}>
          <ActionIcon aria-label={messages.export.button} size={30} variant="default">
            <IconDownload size={15} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{messages.export.note(formatCount(total))}</Menu.Label>
        <Menu.Item
          component="a"
          href={urlOf('exportEvents', { query: { query, ...range, format: 'ndjson' } })}
          download
        >
          {messages.export.ndjson}
        </Menu.Item>
        <Menu.Item
          component="a"
          href={urlOf('exportEvents', { query: { query, ...range, format: 'csv', fields } })}
          download
        >
          {messages.export.csv}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
