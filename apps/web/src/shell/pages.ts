// The pages of the main navigation, in order, with the second key of `g …`.
import {
  IconBell,
  IconBinaryTree,
  IconBriefcase,
  IconFileSearch,
  IconHome,
  IconPlugConnected,
  IconSearch,
  IconSettings,
} from '@tabler/icons-react'
import type { Me } from '@varde/api/contract'
import { messages } from '../messages.en.ts'

export const pages = [
  { to: '/', key: 'o', label: messages.nav.overview, icon: IconHome, needs: 'signed-in' },
  { to: '/search', key: 's', label: messages.nav.search, icon: IconSearch, needs: 'events:read' },
  { to: '/alerts', key: 'a', label: messages.nav.alerts, icon: IconBell, needs: 'alerts:read' },
  { to: '/cases', key: 'c', label: messages.nav.cases, icon: IconBriefcase, needs: 'cases:read' },
  { to: '/sources', key: 'd', label: messages.nav.sources, icon: IconPlugConnected, needs: 'sources:read' },
  { to: '/rules', key: 'r', label: messages.nav.rules, icon: IconBinaryTree, needs: 'rules:read' },
  { to: '/parse', key: 'p', label: messages.nav.parse, icon: IconFileSearch, needs: 'sources:read' },
  { to: '/admin', key: 'm', label: messages.nav.admin, icon: IconSettings, needs: 'audit:read' },
] as const

export function pagesFor(me: Me | undefined) {
  return pages.filter((page) => page.needs === 'signed-in' || me?.permissions.includes(page.needs) === true)
}
