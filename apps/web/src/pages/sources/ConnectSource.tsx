// Copy, paste, and see the first record arrive.
import { Loader } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { RouteOutput } from '@varde/api/contract'
import { useState } from 'react'
import { meQuery } from '../../api/queries.ts'
import { CodeBlock } from '../../parts/CodeBlock.tsx'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { messages } from './messages.en.ts'
import { type Addresses, snippets } from './snippets.ts'
import styles from './sources.module.css'

type Sources = RouteOutput<'sources'>
const route = getRouteApi('/app/sources')
const text = messages.connect
const usualPorts = { 'syslog-udp': 514, 'syslog-tcp': 514, 'syslog-tls': 6514, http: 443 } as const

export function ConnectSource({ sources: { sources, listeners } }: { sources: Sources }) {
  const { how } = route.useSearch()
  const { data: me } = useQuery(meQuery)
  const [openedAt] = useState(Date.now)
  const snippet = snippets.find((one) => one.id === how) ?? snippets[0]
  if (snippet === undefined) return null
  const find = (kind: keyof typeof usualPorts) => listeners.find((one) => one.kind === kind)
  const to: Addresses = {
    host: window.location.hostname,
    port: (kind) => find(kind)?.port ?? (kind === 'http' ? Number(window.location.port) || 443 : usualPorts[kind]),
    url:
      find('http') === undefined
        ? window.location.origin
        : `${window.location.protocol}//${window.location.hostname}:${find('http')?.port}`,
  }
  const listener = find(snippet.kind)
  const loopback = listener !== undefined && /^(127\.|::1$|localhost$)/.test(listener.host)
  const news = sources.filter((source) => source.lastSeen > openedAt && source.state !== 'imported')
  return (
    <div className={styles.connect}>
      <nav className={styles.senders} aria-label={text.how}>
        {snippets.map((one) => (
          <Link
            key={one.id}
            to="/sources"
            search={{ tab: 'connect', how: one.id }}
            replace
            className={`${styles.sender} ${one.id === snippet.id ? styles.chosen : ''}`}
            aria-current={one.id === snippet.id ? 'true' : undefined}
          >
            {one.name}
          </Link>
        ))}
      </nav>
      <div className={styles.how}>
        <p className="v-muted">{text.intro}</p>
        <div className={styles.snippetHead}>
          <strong>{snippet.where}</strong>
          <CopyButton value={snippet.text(to)} />
        </div>
        <CodeBlock text={snippet.text(to)} language="yaml" label={snippet.name} />
        {snippet.kind === 'http' && (
          <p>
            {text.keyText}{' '}
            {me?.permissions.includes('keys:manage') === true && <Link to="/admin">{text.createKey}</Link>}
          </p>
        )}
        {loopback && <p className={styles.hint}>{text.loopback}</p>}
        {listener === undefined && snippet.kind !== 'http' && (
          <p className={styles.hint}>{text.noListener(snippet.kind)}</p>
        )}
        <div className={styles.check} role="status">
          {news.length === 0 ? (
            <>
              <Loader size="xs" /> <span>{text.waiting}</span> <span className="v-muted">{text.waitingHint}</span>
            </>
          ) : (
            news.map((source) => (
              <span key={source.source} className={styles.received}>
                <IconCircleCheck size={16} color="var(--v-good)" aria-hidden="true" />{' '}
                <strong>{text.received(source.source)}</strong>{' '}
                <Link to="/search" search={{ from: 'now-15m', to: 'now', live: '5' }}>
                  {text.look}
                </Link>
              </span>
            ))
          )}
        </div>
        <h2 className={styles.listening}>{text.listening}</h2>
        {listeners.length === 0 ? (
          <p className="v-muted">{text.nothing}</p>
        ) : (
          <ul className={styles.listeners}>
            {listeners.map((one) => (
              <li key={`${one.kind}${one.port}`} className="v-mono">
                {one.kind} {one.host}:{one.port}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}
