// A line of the timeline that no log wrote.
import { Button, Group, Modal, Select, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { messages as common } from '../../messages.en.ts'
import { formatInstant } from '../../time/format.ts'
import { wallTime } from '../../time/offset.ts'
import { useZone } from '../../time/zone.ts'
import { messages } from './messages.en.ts'
import { phaseOptions } from './phases.ts'
import type { CaseChanger } from './use-case.ts'

const text = messages.timeline

export function AddEntry({ change, onClose }: { change: CaseChanger; onClose: () => void }) {
  const zone = useZone()
  const [opened] = useState(Date.now)
  const box = formatInstant(opened, zone, 'min').replace(' ', 'T')
  const [time, setTime] = useState(box)
  const [discovered, setDiscovered] = useState(box)
  const [words, setWords] = useState('')
  const [entity, setEntity] = useState('')
  const [source, setSource] = useState('')
  const [phase, setPhase] = useState<string | null>(null)
  const add = () => {
    change.mutate([
      {
        kind: 'add-entry',
        entry: {
          time: wallTime(`${time}:00`, zone),
          discoveredAt: wallTime(`${discovered}:00`, zone),
          source: source.trim() === '' ? text.sourceDefault : source.trim(),
          words: words.trim(),
          ...(entity.trim() === '' ? {} : { entity: entity.trim() }),
          ...(phase === null ? {} : { phase }),
        },
      },
    ])
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title={text.add} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <Textarea
          label={text.words}
          required
          autosize
          minRows={2}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          data-autofocus
          mb="sm"
        />
        <Group grow mb="sm">
          <TextInput
            label={text.time}
            type="datetime-local"
            required
            value={time}
            onChange={(event) => setTime(event.currentTarget.value)}
          />
          <TextInput
            label={text.discovered}
            type="datetime-local"
            required
            value={discovered}
            onChange={(event) => setDiscovered(event.currentTarget.value)}
          />
        </Group>
        <Group grow mb="sm">
          <TextInput label={text.entity} value={entity} onChange={(event) => setEntity(event.currentTarget.value)} />
          <TextInput
            label={text.source}
            placeholder={text.sourceDefault}
            value={source}
            onChange={(event) => setSource(event.currentTarget.value)}
          />
        </Group>
        <Select label={text.phase} clearable data={phaseOptions} value={phase} onChange={setPhase} />
        <Group justify="flex-end" mt="md">
          <Button type="submit" disabled={words.trim() === ''}>
            {text.save}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
