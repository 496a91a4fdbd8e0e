// How the way in is doing, for the pages: rates, listeners, and warnings that name what to do.
import type { Intake } from '@varde/api'
import { redriveDeadLetters } from '@varde/ingest'
import type { Node } from './wiring.ts'

const sampleMs = 1_000
const windowSamples = 10
/** Below this the operating system and the store's own rewriting are in danger. */
const diskFreeBytesMin = 1024 ** 3

export interface LiveIntake extends Intake {
  stop(): void
}

export function liveIntake(node: Node): LiveIntake {
  const samples: number[] = []
  const timer = setInterval(() => {
    const { counters } = node.ingest.lastHealth() ?? {}
    samples.push((counters?.events ?? 0) + (counters?.deadLetters ?? 0))
    if (samples.length > windowSamples + 1) samples.shift()
  }, sampleMs)

  return {
    listeners: () =>
      node.collectors.health().listeners.map(({ kind, host, port }) => ({
        kind: kind === 'udp' ? 'syslog-udp' : kind === 'tcp' ? 'syslog-tcp' : 'syslog-tls',
        host,
        port,
      })),
    async redrive(ids) {
      const done = await redriveDeadLetters(ids, { bus: node.bus, store: node.store, clock: node.clock })
      const redriven = done.filter((one) => one.outcome === 'redriven').length
      return { redriven, skipped: done.length - redriven }
    },
    rates() {
      const [first = 0, last = 0] = [samples[0], samples.at(-1)]
      const perSecond = samples.length < 2 ? 0 : Math.round(((last - first) / (samples.length - 1)) * 10) / 10
      const partitions = node.ingest.lastHealth()?.partitions ?? []
      return { perSecond, unsealed: partitions.reduce((sum, one) => sum + one.unsealed, 0) }
    },
    warnings() {
      const found: ReturnType<Intake['warnings']> = []
      const health = node.ingest.lastHealth()
      if (health?.state === 'full' || node.collectors.health().state === 'full') {
        found.push({
          code: 'DISK_FULL',
          message: 'The disk is full: nothing new is acknowledged.',
          hint: 'Free some space; Varde goes on by itself and senders that keep their queue lose nothing.',
        })
      } else if (health?.state === 'failing') {
        found.push({
          code: 'INGEST_FAILING',
          message: `Ingest does not get on: ${health.detail ?? 'see the log'}.`,
          hint: 'Records are kept until it does.',
        })
      }
      const free = node.diskFreeBytes()
      if (free !== undefined && free < diskFreeBytesMin)
        found.push({
          code: 'DISK_LOW',
          message: `Only ${Math.round(free / 1024 ** 2)} MB are free on the data disk.`,
          hint: 'Free some space or shorten the retention.',
        })
      for (const alarm of node.storeGuard()?.alarms ?? [])
        found.push({
          code: 'STORE_NEAR_FULL',
          message: `Elasticsearch: ${alarm}.`,
          hint: 'Keep fewer days, add a data node, or make room on its disk.',
        })
      for (const { name, problem } of node.notifier?.status().channels ?? [])
        if (problem !== undefined)
          found.push({
            code: 'NOTIFY_FAILING',
            message: `Messages over ${name} do not get through: ${problem}`,
            hint: 'They are kept and tried again; see notify in varde.yaml.',
          })
      for (const [target, problem] of Object.entries(node.notary.heads.problems()))
        found.push({
          code: 'HEADS_FAILING',
          message:
            target === 'sign' ? `Nothing is signed: ${problem}` : `Signed heads do not reach ${target}: ${problem}`,
          hint: 'What is sealed stays sealed; it is tried again with the next head. See heads in varde.yaml.',
        })
      for (const { file, errors } of node.rules.refused()) {
        const [error] = errors
        found.push({
          code: 'RULE_REFUSED',
          message: `The rule file ${file} is refused: line ${error?.line ?? 1}: ${error?.message ?? ''}`,
          hint: 'Its last working version goes on running; mend the file.',
        })
      }
      return found
    },
    stop: () => clearInterval(timer),
  }
}
