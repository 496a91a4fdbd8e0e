// The data folder: what lies where, and how commands find the server that is running on it.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { VardeError } from '@varde/runtime'

export interface RunningServer {
  pid: number
  url: string
  /** Bearer token of commands on this machine. */
  token: string
  startedAt: string
}

export interface DataFolder {
  root: string
  bus: string
  store: string
  /** `varde.yaml` in it is read when no other is named. */
  config: string
  /** Says who runs here: for commands, 0600. */
  announce(server: RunningServer): void
  withdraw(): void
  /** The server that runs on this folder, if its process lives. */
  running(): RunningServer | undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

export function openDataFolder(path: string, options: { mustExist?: boolean } = {}): DataFolder {
  const root = resolve(path)
  if (options.mustExist === true && !existsSync(root)) {
    throw new VardeError('DATA_FOLDER_MISSING', `there is no data folder ${root}`, {
      hint: 'Name it with --data, or make one with `npm start`.',
    })
  }
  if (existsSync(root) && !statSync(root).isDirectory()) {
    throw new VardeError('DATA_FOLDER_INVALID', `${root} is a file, not a data folder`, {
      hint: 'Name a folder with --data.',
    })
  }
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const file = join(root, 'server.json')
  return {
    root,
    bus: join(root, 'bus'),
    store: join(root, 'store'),
    config: join(root, 'varde.yaml'),
    announce(server) {
      writeFileSync(file, `${JSON.stringify(server)}\n`, { mode: 0o600 })
      chmodSync(file, 0o600)
    },
    withdraw: () => rmSync(file, { force: true }),
    running() {
      if (!existsSync(file)) return undefined
      try {
        const server: RunningServer = JSON.parse(readFileSync(file, 'utf8'))
        return isAlive(server.pid) ? server : undefined
      } catch {
        // A torn file says nothing; the locks of bus and store still guard the data.
        return undefined
      }
    },
  }
}
