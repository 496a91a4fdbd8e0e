// Syslog over UDP (RFC 5426): one datagram, one record. What is lost on the way can't be known; what the kernel drops is asked for.
import { createSocket, type Socket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { VardeError } from '@varde/runtime'
import { emptyCounters, type Listener, type ListenerConfig, type ListenerDeps } from './listener.ts'
import { plainAddress } from './sources.ts'
import { syslogHostname } from './syslog-hostname.ts'

// Bursts of a firewall fill the kernel's default of 208 KiB in milliseconds. The kernel gives at most net.core.rmem_max.
const receiveBufferBytes = 8 * 1024 * 1024

export function createUdpListener(config: ListenerConfig, { appender, sources, log }: ListenerDeps): Listener {
  const counters = emptyCounters()
  const needsHostname = sources.needsHostname(config.name)
  let socket: Socket | undefined
  let dropsTimer: NodeJS.Timeout | undefined

  const receive = (datagram: Buffer, from: { address: string }) => {
    let end = datagram.length
    while (end > 0 && isTerminator(datagram[end - 1])) end -= 1
    if (end === 0) {
      counters.empty += 1
      return
    }
    if (appender.paused()) {
      counters.refusedRecords += 1
      return
    }
    const raw = end === datagram.length ? datagram : datagram.subarray(0, end)
    const peer = plainAddress(from.address)
    const hostname = needsHostname ? syslogHostname(raw) : undefined
    counters.receivedRecords += 1
    counters.receivedBytes += raw.length
    const origin = sources.resolve({
      listener: config.name,
      transport: 'udp',
      ...(peer !== undefined && { peer }),
      ...(hostname !== undefined && { hostname }),
    })
    appender.offer({ origin, raw })
  }

  const readDrops = async (port: number) => {
    const drops = await kernelDrops(port)
    if (drops !== undefined) counters.kernelDrops = drops
  }

  return {
    config,
    async start() {
      const opened = createSocket({ type: isIPv6(config.host) ? 'udp6' : 'udp4' })
      socket = opened
      opened.on('message', receive)
      await new Promise<void>((resolve, reject) => {
        opened.once('error', (cause) => {
          reject(
            new VardeError(
              'INGEST_LISTEN',
              `${config.name}: can't listen on udp ${config.host}:${config.port}: ${cause.message}`,
              {
                cause,
                hint: 'Another program may have the port, or it is below 1024: change it under `listeners` in the configuration.',
              },
            ),
          )
        })
        opened.bind(config.port, config.host, resolve)
      })
      opened.on('error', (error) =>
        log.error({ listener: config.name, error: error.message }, 'syslog udp: socket error'),
      )
      try {
        opened.setRecvBufferSize(receiveBufferBytes)
      } catch (error) {
        log.warn(
          { listener: config.name, error: String(error) },
          'syslog udp: the kernel keeps its small receive buffer',
        )
      }
      const { port } = opened.address()
      dropsTimer = setInterval(() => void readDrops(port), 5_000).unref()
    },
    async stop() {
      clearInterval(dropsTimer)
      const open = socket
      socket = undefined
      if (open !== undefined) await new Promise<void>((resolve) => open.close(() => resolve()))
    },
    address() {
      const at = socket?.address()
      return at === undefined ? undefined : { host: at.address, port: at.port }
    },
    counters: () => ({ ...counters }),
  }
}

function isTerminator(byte: number | undefined): boolean {
  return byte === 10 || byte === 13 || byte === 0
}

/** Sum of the `drops` column over the sockets of a port, as Linux tells; undefined elsewhere. */
export async function kernelDrops(
  port: number,
  files: string[] = ['/proc/net/udp', '/proc/net/udp6'],
): Promise<number | undefined> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let drops: number | undefined
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const line of text.split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/)
      if (columns[1]?.endsWith(wanted)) drops = (drops ?? 0) + Number(columns.at(-1))
    }
  }
  return drops
}
