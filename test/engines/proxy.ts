// A network that misbehaves: stands between a client and an engine, and delays, cuts or stops what passes.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Proxy {
  port: number
  /** Every chunk comes later by up to this. */
  delay(ms: number): void
  /** Closes all connections; new ones are refused until `heal`. */
  cut(): void
  /** Connections stay open and nothing passes any more, either way: as when a firewall forgets them. */
  halfOpen(): void
  heal(): void
  close(): Promise<void>
}

export async function startProxy(targetPort: () => number): Promise<Proxy> {
  const sockets = new Set<Socket>()
  let delayMs = 0
  let refusing = false
  let silent = false
  const pass = (from: Socket, to: Socket) => {
    let last = Promise.resolve()
    from.on('data', (chunk) => {
      // What came while nothing passed is lost to this connection for ever, as on a real one.
      if (silent) return
      if (delayMs === 0) {
        to.write(chunk)
        return
      }
      const wait = new Promise<void>((resolve) => setTimeout(resolve, Math.random() * delayMs))
      last = last.then(() => wait).then(() => void (to.destroyed || to.write(chunk)))
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      sockets.delete(from)
      if (!silent) to.destroy()
    })
  }
  const server = createServer((client) => {
    if (refusing) {
      client.destroy()
      return
    }
    const target = connect(targetPort(), '127.0.0.1')
    sockets.add(client)
    sockets.add(target)
    pass(client, target)
    pass(target, client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    port: portOf(server.address()),
    delay(ms) {
      delayMs = ms
    },
    cut() {
      refusing = true
      destroyAll()
    },
    halfOpen() {
      silent = true
    },
    heal() {
      // A half-open connection never comes back: only new ones are well.
      if (silent) destroyAll()
      delayMs = 0
      refusing = false
      silent = false
    },
    close() {
      destroyAll()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
