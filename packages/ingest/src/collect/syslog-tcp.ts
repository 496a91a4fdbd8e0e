// Syslog over TCP (RFC 6587) and TLS (RFC 5425): frames, limits on connections, and senders held back by not reading them.
import { readFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import { VardeError } from '@varde/runtime'
import type { Origin } from '../raw-topic.ts'
import { createFraming, type Framing } from './framing.ts'
import {
  emptyCounters,
  type Listener,
  type ListenerConfig,
  type ListenerCounters,
  type ListenerDeps,
} from './listener.ts'
import { plainAddress, type SenderFacts } from './sources.ts'
import { syslogHostname } from './syslog-hostname.ts'

interface Connection {
  socket: Socket
  framing: Framing
  lastByteAt: number
  /** When the frame in progress began; undefined between frames. */
  frameSince: number | undefined
  close(): void
}

// TLS senders get this long for the handshake: it is answered before any limit of ours is looked at.
const handshakeMs = 15_000

/** Name of a verified client certificate. */
function certificateOf(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const name = socket.getPeerCertificate()?.subject?.CN
  return Array.isArray(name) ? name[0] : name
}

export function createTcpListener(config: ListenerConfig, deps: ListenerDeps): Listener {
  const { appender, log, socketLimits } = deps
  const counters = emptyCounters()
  const connections = new Set<Connection>()
  let server: Server | undefined
  let sweeper: NodeJS.Timeout | undefined

  const accept = (socket: Socket) => {
    socket.on('error', (error) =>
      log.debug({ listener: config.name, error: error.message }, 'syslog tcp: connection error'),
    )
    counters.connectionsTotal += 1
    // A half-open connection is found by the kernel's probes, and by the idle limit where they are answered.
    socket.setKeepAlive(true, 60_000)
    const connection = createConnection(socket, config, deps, counters)
    connections.add(connection)
    socket.on('close', () => {
      connection.close()
      connections.delete(connection)
    })
    if (appender.paused()) socket.pause()
  }

  const sweep = () => {
    const now = Date.now()
    for (const connection of connections) {
      // Held back by ourselves: the sender can't help it.
      if (connection.socket.isPaused()) continue
      if (connection.frameSince !== undefined && now - connection.frameSince > socketLimits.stallMs)
        counters.stalled += 1
      else if (now - connection.lastByteAt > socketLimits.idleMs) counters.idle += 1
      else continue
      connection.socket.destroy()
    }
  }

  appender.onResume(() => {
    for (const { socket } of connections) if (socket.isPaused()) socket.resume()
  })

  return {
    config,
    async start() {
      const opened = config.kind === 'tls' ? await createTls(config, accept) : createServer(accept)
      if (config.kind === 'tls') {
        opened.on('tlsClientError', (error: Error) => {
          counters.tlsFailures += 1
          log.debug({ listener: config.name, error: error.message }, 'syslog tls: handshake failed')
        })
      }
      // Counted by the kernel's accepts, so that half-done TLS handshakes are under the limit too.
      opened.maxConnections = socketLimits.connectionsMax
      opened.on('drop', () => {
        counters.connectionsRefused += 1
      })
      server = opened
      await new Promise<void>((resolve, reject) => {
        opened.once('error', (cause) => {
          reject(
            new VardeError(
              'INGEST_LISTEN',
              `${config.name}: can't listen on ${config.kind} ${config.host}:${config.port}: ${cause.message}`,
              {
                cause,
                hint: 'Another program may have the port, or it is below 1024: change it under `listeners` in the configuration.',
              },
            ),
          )
        })
        opened.listen(config.port, config.host, resolve)
      })
      opened.on('error', (error) =>
        log.error({ listener: config.name, error: error.message }, 'syslog tcp: server error'),
      )
      sweeper = setInterval(
        sweep,
        Math.max(20, Math.min(socketLimits.stallMs, socketLimits.idleMs, 20_000) / 4),
      ).unref()
    },
    async stop() {
      clearInterval(sweeper)
      const open = server
      server = undefined
      if (open === undefined) return
      const closed = new Promise<void>((resolve) => open.close(() => resolve()))
      for (const { socket } of connections) socket.destroy()
      await closed
    },
    address() {
      const at = server?.address()
      return typeof at === 'object' && at !== null ? { host: at.address, port: at.port } : undefined
    },
    counters: () => ({ ...counters, connections: connections.size }),
  }
}

function createConnection(
  socket: Socket,
  config: ListenerConfig,
  deps: ListenerDeps,
  counters: ListenerCounters,
): Connection {
  const { appender, sources, socketLimits } = deps
  const peer = plainAddress(socket.remoteAddress)
  const certificate = certificateOf(socket)
  const facts: SenderFacts = {
    listener: config.name,
    transport: config.kind,
    ...(peer !== undefined && { peer }),
    ...(certificate !== undefined && { certificate }),
  }
  const needsHostname = sources.needsHostname(config.name)
  const fixed = needsHostname ? undefined : sources.resolve(facts)
  const originFor = (raw: Buffer): Origin => {
    if (fixed !== undefined) return fixed
    const hostname = syslogHostname(raw)
    return sources.resolve(hostname === undefined ? facts : { ...facts, hostname })
  }
  const framing = createFraming({
    recordBytesMax: socketLimits.recordBytesMax,
    onRecord(raw, cutBytes) {
      counters.receivedRecords += 1
      counters.receivedBytes += raw.length
      if (cutBytes > 0) counters.cutRecords += 1
      appender.offer({ origin: originFor(raw), raw, ...(cutBytes > 0 && { cutBytes }) })
    },
    onOddity(what) {
      if (what === 'empty') counters.empty += 1
      else counters.truncatedFrames += 1
    },
  })
  let ended = false
  const connection: Connection = {
    socket,
    framing,
    lastByteAt: Date.now(),
    frameSince: undefined,
    close() {
      if (ended) return
      ended = true
      framing.end()
    },
  }
  socket.on('data', (chunk: Buffer) => {
    const before = counters.receivedRecords
    connection.lastByteAt = Date.now()
    framing.push(chunk)
    if (!framing.open()) connection.frameSince = undefined
    else if (connection.frameSince === undefined || counters.receivedRecords !== before)
      connection.frameSince = connection.lastByteAt
    if (appender.paused()) socket.pause()
  })
  return connection
}

async function createTls(config: ListenerConfig, accept: (socket: Socket) => void): Promise<Server> {
  const { certificateFile, keyFile, clientCaFile } = config
  if (certificateFile === undefined || keyFile === undefined) {
    throw new VardeError('INGEST_LISTEN', `${config.name}: a tls listener needs certificateFile and keyFile`, {
      hint: 'Name both PEM files.',
    })
  }
  const read = async (file: string) =>
    readFile(file).catch((cause: unknown) => {
      throw new VardeError('INGEST_LISTEN', `${config.name}: can't read ${file}`, {
        cause,
        hint: 'Is the path right, and may this user read it?',
      })
    })
  const [cert, key, ca] = await Promise.all([
    read(certificateFile),
    read(keyFile),
    clientCaFile === undefined ? undefined : read(clientCaFile),
  ])
  try {
    return createTlsServer(
      {
        cert,
        key,
        ...(ca !== undefined && { ca, requestCert: true }),
        rejectUnauthorized: config.requireClientCertificate === true,
        minVersion: 'TLSv1.2',
        handshakeTimeout: handshakeMs,
      },
      accept,
    )
  } catch (cause) {
    throw new VardeError(
      'INGEST_LISTEN',
      `${config.name}: the certificate or key can't be used: ${cause instanceof Error ? cause.message : cause}`,
      { cause, hint: 'Both must be PEM, and belong together.' },
    )
  }
}
