// Why, or why not, for any stored event: its id pasted here, or come from the event itself.
import { Button, Group, TextInput } from '@mantine/core'
import type { RuleDetail } from '@varde/api/contract'
import { useState } from 'react'
import { messages } from './messages.en.ts'
import { WhyTree } from './WhyTree.tsx'

const text = messages.why

interface Props {
  rule: RuleDetail
  draft: string | undefined
  /** From the address. */
  eventId: string | undefined
  onEvent: (id: string) => void
}

export function WhyTab({ rule, draft, eventId, onEvent }: Props) {
  const [id, setId] = useState(eventId ?? '')
  return (
    <>
      <p className="v-muted">{draft === undefined ? text.intro : text.introDraft}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onEvent(id.trim())
        }}
      >
        <Group align="flex-end" mb="sm">
          <TextInput
            label={text.event}
            description={text.eventHint}
            w={300}
            maw="100%"
            value={id}
            onChange={(event) => setId(event.currentTarget.value)}
          />
          <Button type="submit" disabled={id.trim() === ''}>
            {text.ask}
          </Button>
        </Group>
      </form>
      {eventId !== undefined && (
        <WhyTree rule={draft === undefined ? { id: rule.id } : { text: draft }} eventId={eventId} />
      )}
    </>
  )
}
