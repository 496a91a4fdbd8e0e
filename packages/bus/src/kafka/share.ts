// Partitions shared among processes by a consumer group: what is taken away is drained before another gets it. Positions are the caller's.
import type { Logger } from '@varde/runtime'
import { MemberAssignment, MemberMetadata } from 'kafkajs/src/consumer/assignerProtocol.js'
import type { Share, ShareOptions, Turn } from '../port.ts'
import { type Cluster, pauseFor } from './cluster.ts'
import type { Link } from './connect.ts'
import { faultName, isFinal } from './faults.ts'

/** Of the assignment: members in order of their names, partitions dealt round. */
const protocolName = 'varde-round'
const sessionMsDefault = 15_000
/** As long as a partition may take to seal what it has before another gets it. */
const rebalanceMs = 60_000
const retryMs = 500

export interface ShareDeps {
  cluster: Cluster
  log: Logger
  /** As the cluster knows it. */
  topic: string
  sessionMs?: number
}

interface Membership {
  link: Link
  memberId: string
  generation: number
  partitions: number[]
}

interface Running {
  partition: number
  stop: AbortController
  done: Promise<void>
}

export function sharePartitions(deps: ShareDeps, options: ShareOptions): Share {
  const { cluster, log, topic } = deps
  const sessionMs = deps.sessionMs ?? sessionMsDefault
  const stopping = new AbortController()
  const running = new Map<number, Running>()
  let membership: Membership | undefined
  let memberId = ''
  let facts = { rebalances: 0, generation: -1 }

  async function join(): Promise<Membership> {
    const link = await cluster.coordinator(options.group)
    try {
      const joined = await link.broker.joinGroup({
        groupId: options.group,
        sessionTimeout: sessionMs,
        rebalanceTimeout: rebalanceMs,
        memberId,
        groupProtocols: [{ name: protocolName, metadata: MemberMetadata.encode({ version: 0, topics: [topic] }) }],
      })
      memberId = joined.memberId
      const groupAssignment = joined.leaderId === memberId ? await deal(joined.members.map((one) => one.memberId)) : []
      const synced = await link.broker.syncGroup({
        groupId: options.group,
        generationId: joined.generationId,
        memberId,
        groupAssignment,
      })
      const assigned = MemberAssignment.decode(synced.memberAssignment)?.assignment[topic] ?? []
      return { link, memberId, generation: joined.generationId, partitions: [...assigned].sort((a, b) => a - b) }
    } catch (error) {
      link.drop()
      throw error
    }
  }

  async function deal(members: string[]): Promise<{ memberId: string; memberAssignment: Buffer }[]> {
    const [metadata] = await cluster.topics([topic])
    const count = metadata?.leaders.length ?? 0
    return members.sort().map((id, index) => {
      const partitions = Array.from({ length: count }, (_, n) => n).filter((n) => n % members.length === index)
      return {
        memberId: id,
        memberAssignment: MemberAssignment.encode({ version: 0, assignment: { [topic]: partitions } }),
      }
    })
  }

  function turnOf(partition: number, stop: AbortController): Turn {
    return {
      signal: stop.signal,
      async committed() {
        const open = membership?.link
        if (open === undefined) return undefined
        const { responses } = await open.broker.offsetFetch({
          groupId: options.group,
          topics: [{ topic, partitions: [{ partition }] }],
        })
        const offset = Number(responses[0]?.partitions[0]?.offset ?? -1)
        return offset < 0 ? undefined : offset
      },
      async commit(next) {
        const now = membership
        if (now === undefined || !now.partitions.includes(partition)) return
        await now.link.broker.offsetCommit({
          groupId: options.group,
          groupGenerationId: now.generation,
          memberId: now.memberId,
          topics: [{ topic, partitions: [{ partition, offset: String(next) }] }],
        })
      },
    }
  }

  function begin(partitions: number[]): void {
    for (const partition of partitions) {
      const stop = new AbortController()
      const done = options.follow(partition, turnOf(partition, stop)).catch((error: unknown) => {
        if (!stop.signal.aborted) log.error({ topic, partition, err: error }, 'bus: a followed partition has ended')
      })
      running.set(partition, { partition, stop, done })
    }
  }

  /** All at once, as an eager rebalance wants it: each seals what it has and lets go. */
  async function drain(): Promise<void> {
    const all = [...running.values()]
    for (const one of all) one.stop.abort()
    await Promise.all(all.map(({ done }) => done))
    running.clear()
  }

  /** Until the group wants something else of us. True: it goes on with another assignment; false: we are no member any more. */
  async function beat(now: Membership): Promise<boolean> {
    let heardAt = Date.now()
    while (!stopping.signal.aborted) {
      await pauseFor(Math.min(1_000, sessionMs / 5), stopping.signal)
      if (stopping.signal.aborted) return true
      try {
        await now.link.broker.heartbeat({
          groupId: options.group,
          groupGenerationId: now.generation,
          memberId: now.memberId,
        })
        heardAt = Date.now()
      } catch (error) {
        const fault = faultName(error)
        if (fault === 'REBALANCE_IN_PROGRESS') return true
        if (fault === 'UNKNOWN_MEMBER_ID' || fault === 'ILLEGAL_GENERATION' || fault === 'FENCED_INSTANCE_ID')
          return false
        // Another process may have our partitions after this time; until then the broker may only be restarting.
        if (Date.now() - heardAt > sessionMs) return false
        await reconnect(now)
      }
    }
    return true
  }

  async function reconnect(now: Membership): Promise<void> {
    now.link.drop()
    cluster.forget()
    const again = await cluster.coordinator(options.group).catch(() => undefined)
    if (again !== undefined) now.link = again
  }

  /** While partitions drain, the group must hear that we still live, or it gives them away meanwhile. */
  async function drainAlive(now: Membership): Promise<void> {
    const drained = new AbortController()
    const alive = (async () => {
      while (!drained.signal.aborted) {
        await pauseFor(Math.min(1_000, sessionMs / 5), drained.signal)
        await now.link.broker
          .heartbeat({ groupId: options.group, groupGenerationId: now.generation, memberId: now.memberId })
          .catch(() => undefined)
      }
    })()
    await drain()
    drained.abort()
    await alive
  }

  async function live(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const now = await join()
        membership = now
        facts = { rebalances: facts.rebalances + 1, generation: now.generation }
        log.info(
          { topic, group: options.group, generation: now.generation, partitions: now.partitions.join(' ') },
          'bus: partitions are ours',
        )
        begin(now.partitions)
        const member = await beat(now)
        await drainAlive(now)
        if (!member) {
          memberId = ''
          log.warn({ topic, group: options.group }, 'bus: the group has let go of us; joining again')
        }
        if (stopping.signal.aborted) await leave(now)
        now.link.drop()
      } catch (error) {
        await drain()
        if (stopping.signal.aborted || cluster.closed()) return
        if (faultName(error) === 'UNKNOWN_MEMBER_ID') memberId = ''
        const fault = faultName(error)
        if (fault !== 'REBALANCE_IN_PROGRESS') {
          if (isFinal(error)) log.error({ topic, group: options.group, fault }, 'bus: the group refuses us')
          cluster.forget()
          await pauseFor(retryMs * (0.5 + Math.random()), stopping.signal)
        }
      } finally {
        membership = undefined
      }
    }
  }

  /** Others need not wait for the session to run out. */
  async function leave(now: Membership): Promise<void> {
    await now.link.broker.leaveGroup({ groupId: options.group, memberId: now.memberId }).catch(() => undefined)
  }

  const living = live()
  return {
    partitions: () => [...running.keys()],
    facts: () => ({ ...facts }),
    async stop() {
      stopping.abort()
      await living
    },
  }
}
