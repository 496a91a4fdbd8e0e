// The filters beside the query: each a pill to switch off, turn round, move into the query or drop.
import { Menu } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useSearchActions } from './actions.ts'
import { invertFilter, isOff, switchFilter } from './kql.ts'
import { messages } from './messages.en.ts'
import styles from './search.module.css'

export function FilterPills() {
  const { state, setFilters, set } = useSearchActions()
  const filters = state.f ?? []
  if (filters.length === 0) return null
  const replace = (filter: string, by: string | undefined) =>
    setFilters(filters.flatMap((one) => (one === filter ? (by === undefined ? [] : [by]) : [one])))
  const toQuery = (filter: string) => {
    const text = isOff(filter) ? filter.slice(1) : filter
    const rest = filters.filter((one) => one !== filter)
    const q = state.q === undefined ? text : `(${state.q}) and ${text}`
    set({ q, f: rest.length === 0 ? undefined : rest })
  }
  return (
    <ul className={styles.pills} aria-label={messages.filters.label}>
      {filters.map((filter) => {
        const off = isOff(filter)
        const text = off ? filter.slice(1) : filter
        const excluded = /^not /.test(text)
        return (
          <li key={filter} className={`${styles.pill} ${off ? styles.pillOff : ''} ${excluded ? styles.pillNot : ''}`}>
            <Menu position="bottom-start">
              <Menu.Target>
                <button type="button" className={styles.pillText} aria-label={messages.filters.menu(text)} title={text}>
                  {excluded && <strong>not </strong>}
                  {excluded ? text.slice(4) : text}
                </button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => replace(filter, switchFilter(filter))}>
                  {off ? messages.filters.switchOn : messages.filters.switchOff}
                </Menu.Item>
                <Menu.Item onClick={() => replace(filter, invertFilter(filter))}>{messages.filters.invert}</Menu.Item>
                <Menu.Item onClick={() => toQuery(filter)}>{messages.filters.toQuery}</Menu.Item>
                <Menu.Item onClick={() => replace(filter, undefined)}>{messages.filters.remove}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
            <button
              type="button"
              className={styles.pillRemove}
              aria-label={messages.filters.removeOne(text)}
              onClick={() => replace(filter, undefined)}
            >
              <IconX size={12} />
            </button>
          </li>
        )
      })}
      <li>
        <button type="button" className={styles.textButton} onClick={() => setFilters([])}>
          {messages.filters.clear}
        </button>
      </li>
    </ul>
  )
}
