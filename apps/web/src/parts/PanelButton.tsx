// A small button in the head of a panel.
import { ActionIcon, Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'

export function PanelButton({ label, onClick, icon }: { label: string; onClick: () => void; icon: ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}
