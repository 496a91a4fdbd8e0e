// Ctrl K: go to a page, do a thing, or search for what was typed.
import '@mantine/spotlight/styles.css'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { IconMoon, IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { registeredShortcuts } from '../keys/shortcuts.ts'
import { messages } from '../messages.en.ts'
import type { pagesFor } from './pages.ts'
import type { ThemeSwitch } from './Shell.tsx'

const [paletteStore, palette] = createSpotlight()

interface Props {
  onClose: () => void
  theme: ThemeSwitch
  pages: ReturnType<typeof pagesFor>
}

export function Palette({ onClose, theme, pages }: Props) {
  const [query, setQuery] = useState('')
  const navigate = useNavigate()
  useEffect(() => palette.open(), [])
  const wanted = query.trim().toLowerCase()
  const fits = (label: string) => label.toLowerCase().includes(wanted)
  const actions = registeredShortcuts()
    .flatMap((group) => group.shortcuts)
    .filter(
      (shortcut) =>
        !shortcut.keys.startsWith('g ') &&
        !['?', 'mod+k', 'j', 'k', 'Escape'].includes(shortcut.keys) &&
        fits(shortcut.label),
    )
  return (
    <Spotlight.Root
      store={paletteStore}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={onClose}
      shortcut={null}
      attributes={{ content: { 'aria-label': messages.palette.title } }}
      scrollable
      maxHeight={420}
    >
      <Spotlight.Search
        placeholder={messages.palette.placeholder}
        leftSection={<IconSearch size={16} />}
        aria-label={messages.palette.placeholder}
      />
      <Spotlight.ActionsList>
        {wanted !== '' && (
          <Spotlight.Action
            label={messages.palette.searchFor(query.trim())}
            leftSection={<IconSearch size={16} />}
            onClick={() => void navigate({ to: '/search', search: { q: query.trim() } })}
          />
        )}
        <Spotlight.ActionsGroup label={messages.palette.goTo}>
          {pages
            .filter((page) => fits(page.label))
            .map((page) => (
              <Spotlight.Action
                key={page.to}
                label={page.label}
                leftSection={<page.icon size={16} />}
                onClick={() => void navigate({ to: page.to })}
              />
            ))}
        </Spotlight.ActionsGroup>
        <Spotlight.ActionsGroup label={messages.palette.actions}>
          {fits(theme.label) && (
            <Spotlight.Action label={theme.label} leftSection={<IconMoon size={16} />} onClick={theme.toggle} />
          )}
          {actions.map((shortcut) => (
            <Spotlight.Action key={`${shortcut.keys}${shortcut.label}`} label={shortcut.label} onClick={shortcut.run} />
          ))}
        </Spotlight.ActionsGroup>
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}
