// Copies a text and says so.
import { ActionIcon, CopyButton as MantineCopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { messages } from '../messages.en.ts'

export function CopyButton({ value, label = messages.copy }: { value: string; label?: string }) {
  return (
    <MantineCopyButton value={value} timeout={1_500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? messages.copied : label}>
          <ActionIcon onClick={copy} aria-label={label} size="sm">
            {copied ? <IconCheck size={14} color="var(--v-good)" /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </MantineCopyButton>
  )
}
