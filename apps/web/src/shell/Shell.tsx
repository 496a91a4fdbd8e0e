// The frame around every page: navigation, live state, zone, theme, palette, keys.
import { ActionIcon, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconKeyboard, IconLock, IconLogout, IconMoon, IconSearch, IconSun, IconUserCircle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useNavigate, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { call } from '../api/client.ts'
import { meQuery } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import { openStream, useStream } from '../api/stream.ts'
import { listenForShortcuts, useShortcuts } from '../keys/shortcuts.ts'
import { messages } from '../messages.en.ts'
import { Logo } from '../parts/Logo.tsx'
import { formatCompact, formatCount } from '../parts/number.ts'
import type { Zone } from '../time/offset.ts'
import { chosenCaseZone, setZone, useZone } from '../time/zone.ts'
import { pagesFor } from './pages.ts'
import styles from './Shell.module.css'
import { ZonePicker } from './ZonePicker.tsx'

const ChangePassword = lazy(() => import('./ChangePassword.tsx').then((file) => ({ default: file.ChangePassword })))
const Palette = lazy(() => import('./Palette.tsx').then((file) => ({ default: file.Palette })))
const KeysOverlay = lazy(() => import('./KeysOverlay.tsx').then((file) => ({ default: file.KeysOverlay })))

export function Shell() {
  const { data: me } = useQuery(meQuery)
  const [keysOpened, setKeysOpened] = useState(false)
  const [paletteOpened, setPaletteOpened] = useState(false)
  const navigate = useNavigate()
  const theme = useTheme()
  const zone = useZone()
  const pages = pagesFor(me)

  const { pathname } = useLocation()
  const page = pages.findLast((one) => (one.to === '/' ? pathname === '/' : pathname.startsWith(one.to)))
  useEffect(() => {
    document.title = page === undefined ? messages.product : messages.pageTitle(page.label)
  }, [page])
  useEffect(openStream, [])
  useEffect(listenForShortcuts, [])
  useShortcuts(messages.keys.everywhere, [
    { keys: '?', label: messages.keys.help, run: () => setKeysOpened(true) },
    { keys: 'mod+k', label: messages.keys.palette, run: () => setPaletteOpened(true), inInputs: true },
    ...pages.map((page) => ({
      keys: `g ${page.key}`,
      label: messages.keys.go(page.label.toLowerCase()),
      run: () => void navigate({ to: page.to }),
    })),
    { keys: 'g t', label: messages.keys.theme, run: theme.toggle },
    { keys: 'g z', label: messages.keys.zone, run: () => setZone(nextZone(zone)) },
  ])

  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {messages.skipToContent}
      </a>
      {pathname !== '/wall' && (
        <header className={styles.header}>
          <Link to="/" className={styles.brand} aria-label={messages.product}>
            <Logo />
            <span className={styles.brandName}>{messages.product}</span>
          </Link>
          <Navigation pages={pages} />
          <div className={styles.right}>
            <LiveState />
            <ZonePicker />
            <Tooltip label={messages.header.palette}>
              <ActionIcon aria-label={messages.header.palette} onClick={() => setPaletteOpened(true)}>
                <IconSearch size={16} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={messages.header.help}>
              <ActionIcon
                aria-label={messages.header.help}
                onClick={() => setKeysOpened(true)}
                className={styles.wideOnly}
              >
                <IconKeyboard size={17} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={theme.label}>
              <ActionIcon aria-label={theme.label} onClick={theme.toggle}>
                {theme.dark ? <IconSun size={16} /> : <IconMoon size={16} />}
              </ActionIcon>
            </Tooltip>
            <Account name={me?.name ?? ''} role={me?.role ?? ''} />
          </div>
        </header>
      )}
      <Warnings />
      <main id="content" className={styles.content} tabIndex={-1}>
        <Outlet />
      </main>
      <Suspense>
        {keysOpened && <KeysOverlay onClose={() => setKeysOpened(false)} />}
        {paletteOpened && <Palette onClose={() => setPaletteOpened(false)} theme={theme} pages={pages} />}
      </Suspense>
    </div>
  )
}

/** Round the zones in use. */
function nextZone(zone: Zone): Zone {
  const zones = ['local', 'utc', ...[chosenCaseZone() ?? []].flat()]
  return zones[(zones.indexOf(zone) + 1) % zones.length] ?? 'local'
}

export interface ThemeSwitch {
  dark: boolean
  label: string
  toggle: () => void
}

function useTheme(): ThemeSwitch {
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('light') === 'dark'
  return {
    dark,
    label: dark ? messages.header.theme.toLight : messages.header.theme.toDark,
    toggle: () => setColorScheme(dark ? 'light' : 'dark'),
  }
}

function Navigation({ pages }: { pages: ReturnType<typeof pagesFor> }) {
  const { counters } = useStream()
  return (
    <nav className={styles.nav} aria-label={messages.nav.label}>
      {pages.map((page) => (
        <Link
          key={page.to}
          to={page.to}
          className={styles.link}
          activeProps={{ className: styles.active, 'aria-current': 'page' }}
          activeOptions={{ exact: page.to === '/', includeSearch: false }}
        >
          <page.icon size={16} stroke={1.8} aria-hidden="true" />
          <span>{page.label}</span>
          {page.to === '/alerts' && counters !== undefined && counters.alertsOpen > 0 && (
            <span className={styles.count}>
              {formatCompact(counters.alertsOpen)}
              <span className="v-visually-hidden"> {messages.nav.openAlerts(counters.alertsOpen)}</span>
            </span>
          )}
        </Link>
      ))}
    </nav>
  )
}

function LiveState() {
  const { connected, counters } = useStream()
  const label = connected ? messages.header.live : messages.header.offline
  return (
    <Tooltip label={label}>
      <span className={styles.live} role="status" aria-label={label}>
        <span className={connected ? styles.on : styles.off} />
        {counters !== undefined && (
          <span className={styles.wideOnly}>{messages.header.rate(formatCount(Math.round(counters.perSecond)))}</span>
        )}
      </span>
    </Tooltip>
  )
}

function Warnings() {
  const { counters } = useStream()
  if (counters === undefined || counters.warnings.length === 0) return null
  return (
    <div role="alert">
      {counters.warnings.map((warning) => (
        <div key={warning.code} className={styles.warning}>
          <strong>{warning.message}</strong> {warning.hint}
        </div>
      ))}
    </div>
  )
}

function Account({ name, role }: { name: string; role: string }) {
  const router = useRouter()
  const [changing, setChanging] = useState(false)
  const signOut = async () => {
    await call('signOut', {}).catch(() => undefined)
    queryClient.clear()
    await router.navigate({ to: '/sign-in' })
  }
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={messages.header.account(name)}>
            <IconUserCircle size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{messages.header.signedInAs(name, role)}</Menu.Label>
          <Menu.Item leftSection={<IconLock size={14} />} onClick={() => setChanging(true)}>
            {messages.header.changePassword}
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={14} />} onClick={() => void signOut()}>
            {messages.header.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {changing && (
        <Suspense>
          <ChangePassword onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  )
}
