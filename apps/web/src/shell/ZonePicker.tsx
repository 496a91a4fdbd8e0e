// Which clock times are shown by: this computer's, UTC, or any other, such as that of a case.
import { Button, Popover, SegmentedControl, Select } from '@mantine/core'
import { IconWorld } from '@tabler/icons-react'
import { useState } from 'react'
import { messages } from '../messages.en.ts'
import { chosenCaseZone, localZoneName, setZone, useZone, zoneName } from '../time/zone.ts'

const text = messages.header.zone

export function ZonePicker() {
  const zone = useZone()
  const [opened, setOpened] = useState(false)
  const third = chosenCaseZone()
  const short = shortName(zone)
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus width={260}>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          px={6}
          leftSection={<IconWorld size={15} />}
          aria-label={text.button(short, zoneName(zone))}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {short}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="sm">
        <SegmentedControl
          aria-label={text.label}
          fullWidth
          value={zone}
          onChange={setZone}
          data={[
            { value: 'local', label: text.local },
            { value: 'utc', label: text.utc },
            ...(third === undefined ? [] : [{ value: third, label: shortName(third) }]),
          ]}
        />
        <p className="v-muted">{text.note(localZoneName)}</p>
        <Select
          label={text.other}
          searchable
          limit={50}
          data={Intl.supportedValuesOf('timeZone')}
          value={third ?? null}
          onChange={(next) => next !== null && setZone(next)}
          comboboxProps={{ withinPortal: false }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}

function shortName(zone: string): string {
  if (zone === 'local') return text.local
  return zone === 'utc' ? text.utc : (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ')
}
