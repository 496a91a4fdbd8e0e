// Chooses a range: relative with one press, absolute in the shown zone.
import { Button, Popover, TextInput } from '@mantine/core'
import { IconClock } from '@tabler/icons-react'
import { useState } from 'react'
import { messages } from '../messages.en.ts'
import { formatInstant } from '../time/format.ts'
import { wallTime, type Zone } from '../time/offset.ts'
import { isRelative, quickRanges, type RangeText, resolveRange } from '../time/range.ts'
import { useZone, zoneName } from '../time/zone.ts'
import styles from './TimeRangePicker.module.css'

interface Props {
  value: RangeText
  onChange: (range: RangeText) => void
  /** Also offers "all time". */
  withAllTime?: boolean
}

/** All that any store can hold: from the epoch on. */
export const allTime: RangeText = { from: '1970-01-01T00:00:00.000Z', to: 'now' }

export function rangeLabel(range: RangeText, zone: Zone): string {
  if (range.from === allTime.from && range.to === 'now') return messages.time.allTime
  if (isRelative(range)) return messages.time.last(relativeLabel(range.from))
  const write = (text: string) =>
    text.startsWith('now') ? text : formatInstant(Date.parse(text), zone).replace(/:00$/, '')
  const [from, to] = [write(range.from), write(range.to)]
  return messages.time.until(from, from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to)
}

function relativeLabel(from: string): string {
  const [, amount = '', unit = ''] = /^now-(\d+)([smhdw])$/.exec(from) ?? []
  const { units, oneUnit } = messages.time
  if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' || unit === 'w') {
    return `${amount} ${amount === '1' ? oneUnit[unit] : units[unit]}`
  }
  return from
}

/** Text of a `datetime-local` box ⇄ UTC milliseconds. */
function toBox(time: number, zone: Zone): string {
  return formatInstant(time, zone, 's').replace(' ', 'T')
}
function fromBox(text: string, zone: Zone): number {
  return wallTime(text, zone)
}

export function TimeRangePicker({ value, onChange, withAllTime = false }: Props) {
  const zone = useZone()
  const [opened, setOpened] = useState(false)
  const label = rangeLabel(value, zone)
  const choose = (range: RangeText) => {
    onChange(range)
    setOpened(false)
  }
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconClock size={14} />}
          onClick={() => setOpened(!opened)}
          aria-label={messages.time.button(label)}
          className={styles.button}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="sm">
        <div className={styles.columns}>
          <div>
            <div className={styles.title}>{messages.time.quick}</div>
            <div className={styles.quick}>
              {quickRanges.map((from) => (
                <Button
                  key={from}
                  variant={value.from === from && value.to === 'now' ? 'light' : 'subtle'}
                  color={value.from === from ? 'fjord' : 'gray'}
                  justify="flex-start"
                  onClick={() => choose({ from, to: 'now' })}
                >
                  {messages.time.last(relativeLabel(from))}
                </Button>
              ))}
              {withAllTime && (
                <Button variant="subtle" color="gray" justify="flex-start" onClick={() => choose(allTime)}>
                  {messages.time.allTime}
                </Button>
              )}
            </div>
          </div>
          <Absolute value={value} zone={zone} onApply={choose} />
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

function Absolute({ value, zone, onApply }: { value: RangeText; zone: Zone; onApply: (range: RangeText) => void }) {
  const now = resolveRange(value, Date.now())
  const [from, setFrom] = useState(toBox(now.from, zone))
  const [to, setTo] = useState(toBox(now.to, zone))
  const [start, end] = [fromBox(from, zone), fromBox(to, zone)]
  const wrong = !(start < end)
  return (
    <form
      className={styles.absolute}
      onSubmit={(event) => {
        event.preventDefault()
        if (!wrong) onApply({ from: new Date(start).toISOString(), to: new Date(end).toISOString() })
      }}
    >
      <div className={styles.title}>{messages.time.absolute}</div>
      <TextInput
        label={messages.time.from}
        type="datetime-local"
        step={1}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput
        label={messages.time.to}
        type="datetime-local"
        step={1}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        error={wrong ? messages.time.invalid : undefined}
      />
      <div className="v-muted">{messages.time.zoneNote(zoneName(zone))}</div>
      <Button type="submit" disabled={wrong}>
        {messages.time.apply}
      </Button>
    </form>
  )
}
