// Runs a call where the data is: in the server that runs on the folder, or in this process.

import { existsSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { createInterface } from 'node:readline'
import { isVardeError, loadConfig, VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { type DataFolder, openDataFolder, type RunningServer } from './data-folder.ts'
import { type LocalCallName, type LocalLine, runLocalCall } from './local-calls.ts'
import { type Node, openNode } from './wiring.ts'

export interface CallOptions {
  data: string
  config?: string | undefined
  /** Makes the folder where there is none; otherwise that is an error. */
  create?: boolean
}

/** Result lines; progress goes to `tell`. */
export async function* callNode(
  name: LocalCallName,
  args: JsonObject,
  options: CallOptions,
  tell: (progress: JsonObject) => void = () => undefined,
): AsyncIterable<JsonObject> {
  const folder = openDataFolder(options.data, { mustExist: options.create !== true })
  const server = folder.running()
  if (server !== undefined) return yield* ask(server, name, args, tell)
  const node = await openHere(folder, options, name)
  if ('url' in node) return yield* ask(node, name, args, tell)
  try {
    yield* runLocalCall(name, node, args, tell)
  } finally {
    await node.close()
  }
}

/** A server that has the folder but says nothing yet is starting: it announces itself once it listens. */
const startingMsMax = 30_000
const startingPollMs = 200

/** Calls that wait until what they bring in, or what is still on its way, is stored. */
const waitForIngest: readonly LocalCallName[] = ['import', 'sample', 'retention', 'erase']

async function openHere(folder: DataFolder, options: CallOptions, name: LocalCallName): Promise<Node | RunningServer> {
  const file = options.config ?? (existsSync(folder.config) ? folder.config : undefined)
  const config = loadConfig({
    ...(file === undefined ? {} : { file }),
    environment: process.env,
    override: { log: { level: 'warn' } },
  })
  // Whoever only asks takes no share of a cluster's partitions: each command would stop all others for a moment.
  const asksOnly = config.store === 'elasticsearch' && !waitForIngest.includes(name)
  try {
    return await openNode(folder, asksOnly ? { ...config, roles: ['api'] } : config, { listen: false })
  } catch (error) {
    if (!isVardeError(error, 'BUS_LOCKED') && !isVardeError(error, 'STORE_LOCKED')) throw error
    for (let waitedMs = 0; waitedMs < startingMsMax; waitedMs += startingPollMs) {
      await new Promise((resolve) => setTimeout(resolve, startingPollMs))
      const server = folder.running()
      if (server !== undefined) return server
    }
    throw error
  }
}

async function* ask(
  server: RunningServer,
  name: LocalCallName,
  args: JsonObject,
  tell: (progress: JsonObject) => void,
): AsyncIterable<JsonObject> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const url = new URL(`/api/local/${name}`, server.url)
    const send = url.protocol === 'https:' ? secureRequest : request
    // The certificate is for other machines; this one proves itself by the token in a file that only we can read.
    const out = send(
      url,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
        ...(url.protocol === 'https:' ? { rejectUnauthorized: false } : {}),
      },
      resolve,
    )
    out.once('error', (cause) =>
      reject(
        new VardeError(
          'SERVER_UNREACHABLE',
          `the server on this data folder (pid ${server.pid}) does not answer at ${server.url}`,
          { cause, hint: 'Stop it, or wait until it has started, and try again.' },
        ),
      ),
    )
    out.end(JSON.stringify(args))
  })
  if (response.statusCode !== 200)
    throw new VardeError('SERVER_REFUSED', `the server answered ${response.statusCode}`, {
      hint: 'It may be another version: restart it.',
    })
  for await (const text of createInterface({ input: response })) {
    const line: LocalLine = JSON.parse(text)
    if ('result' in line) yield line.result
    else if ('progress' in line) tell(line.progress)
    else
      throw new VardeError(
        line.error.code,
        line.error.message,
        line.error.hint === undefined ? {} : { hint: line.error.hint },
      )
  }
}
