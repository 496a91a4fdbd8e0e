// A new case without an alert: something that somebody saw or was told.
import { Button, Group, Modal, Select, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type Severity, severities } from '@varde/schema'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { messages as common } from '../../messages.en.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { refreshCases } from './case-query.ts'
import { messages } from './messages.en.ts'

const text = messages.new

export function NewCase({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const [title, setTitle] = useState('')
  const [summary, setSummary] = useState('')
  const [severity, setSeverity] = useState<Severity>('medium')
  const create = useMutation({
    mutationFn: () => call('createCase', { body: { title: title.trim(), summary, severity, why: text.why } }),
    async onSuccess(detail) {
      await refreshCases()
      await navigate({ to: '/cases/$id', params: { id: detail.case.id } })
    },
  })
  return (
    <Modal opened onClose={onClose} title={messages.create} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <TextInput
          label={text.title}
          required
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          data-autofocus
          mb="sm"
        />
        <Select
          label={text.severity}
          allowDeselect={false}
          value={severity}
          onChange={(next) => setSeverity(severities.find((one) => one === next) ?? 'medium')}
          data={severities.toReversed().map((value) => ({ value, label: common.severity[value] }))}
          mb="sm"
        />
        <Textarea
          label={text.summary}
          description={messages.markdown}
          autosize
          minRows={3}
          value={summary}
          onChange={(event) => setSummary(event.currentTarget.value)}
        />
        {create.isError && <ProblemNote error={create.error} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {text.open}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
