import { createHash } from 'node:crypto'
import type { Batch, Bus, StoredRecord } from '@varde/bus'
import { VardeError } from '@varde/runtime'
import { canonicalJson, type JsonObject, type StoredEvent } from '@varde/schema'
import type { CreateOutcome, Store } from '@varde/store'
export function memoryBus(): Bus & { topicsMap: any } {
  const topics = new Map<
    string,
    { incarnation: string; parts: { first: number; records: StoredRecord[]; waiters: Set<() => void> }[] }
  >()
  return {
    topicsMap: topics,
    async ensureTopic(name, s) {
      let t = topics.get(name)
      if (!t) {
        t = { incarnation: Math.random().toString(), parts: [] }
        topics.set(name, t)
      }
      while (t.parts.length < s.partitions) t.parts.push({ first: 0, records: [], waiters: new Set() })
      return { name, incarnation: t.incarnation, partitions: t.parts.length }
    },
    async topics() {
      return [...topics].map(([name, t]) => ({ name, incarnation: t.incarnation, partitions: t.parts.length }))
    },
    async partition(topic, p) {
      const q = topics.get(topic)!.parts[p]!
      return { first: q.first, end: q.first + q.records.length, bytes: 0 }
    },
    async append(topic, p, records) {
      await new Promise((r) => setTimeout(r, 2))
      const q = topics.get(topic)?.parts[p]
      if (!q) throw new VardeError('BUS_UNKNOWN_TOPIC', topic)
      const offsets = records.map((r) => {
        const offset = q.first + q.records.length
        q.records.push({ ...r, offset, appendedAt: Date.now() })
        return offset
      })
      for (const w of q.waiters) w()
      return { offsets }
    },
    async *read(topic, o): AsyncGenerator<Batch> {
      const q = topics.get(topic)!.parts[o.partition]!
      let at = o.from
      const until = q.first + q.records.length
      for (;;) {
        if (o.signal?.aborted) return
        if (at < q.first) throw new VardeError('BUS_OFFSET_GONE', 'gone', { facts: { first: q.first } })
        const end = q.first + q.records.length
        if (at < end) {
          const recs = q.records.slice(at - q.first, at - q.first + (o.recordsMax ?? 1000))
          at += recs.length
          yield { partition: o.partition, records: recs, end }
          continue
        }
        if (o.untilEnd && at >= until) return
        await new Promise<void>((r) => {
          const w = () => {
            q.waiters.delete(w)
            r()
          }
          q.waiters.add(w)
          o.signal?.addEventListener('abort', w, { once: true })
        })
      }
    },
    async trim(topic, p, below) {
      const q = topics.get(topic)!.parts[p]!
      const n = Math.max(0, Math.min(q.records.length, below - q.first))
      q.records.splice(0, n)
      q.first += n
    },
    async close() {},
  }
}
export function memoryStore(): Store & {
  all: Map<string, StoredEvent>
  docs: Map<string, Map<string, { version: number; doc: JsonObject }>>
} {
  const all = new Map<string, StoredEvent>()
  const keys = new Map<string, string>()
  const docs = new Map<string, Map<string, { version: number; doc: any }>>()
  const col = (c: string) => {
    let m = docs.get(c)
    if (!m) {
      m = new Map()
      docs.set(c, m)
    }
    return m
  }
  const nope = () => {
    throw new Error('not in memory store')
  }
  return {
    all,
    docs,
    events: {
      async create(events) {
        await new Promise((r) => setTimeout(r, 3))
        return events.map((e): CreateOutcome => {
          const was = all.get(e.id)
          if (was) return { outcome: 'existing', stored: was }
          if (e.sender) {
            const k = JSON.stringify([e.tenant, e.source, e.sender, createHash('sha256').update(e.raw).digest('hex')])
            const of = keys.get(k)
            if (of) return { outcome: 'duplicate', of }
            keys.set(k, e.id)
          }
          if (JSON.stringify(e.event).includes('REFUSE')) return { outcome: 'refused', reason: 'no' }
          all.set(e.id, e)
          return { outcome: 'created' }
        })
      },
      async get(id) {
        return all.get(id)
      },
      async *range(home, from, to) {
        yield [...all.values()]
          .filter(
            (e) =>
              e.home.partition === home.partition &&
              e.home.generation === home.generation &&
              e.home.offset >= from &&
              e.home.offset < to,
          )
          .sort((a, b) => a.home.offset - b.home.offset)
      },
      search: nope,
      scan: nope as any,
      count: nope,
      histogram: nope,
      values: nope,
      fields: nope,
      stats: nope,
    },
    documents: {
      async get(c, id) {
        const d = col(c).get(id)
        return d ? ({ id, ...structuredClone(d) } as any) : undefined
      },
      async create(c, id, doc) {
        const d = col(c).get(id)
        if (d) return { ok: false, current: { id, ...structuredClone(d) } as any }
        col(c).set(id, { version: 1, doc: structuredClone(doc) })
        return { ok: true, version: 1 }
      },
      async update(c, id, doc, v) {
        const d = col(c).get(id)
        if (!d || d.version !== v) return { ok: false, current: d && ({ id, ...structuredClone(d) } as any) }
        d.version++
        d.doc = structuredClone(doc)
        return { ok: true, version: d.version }
      },
      async delete() {
        return nope()
      },
      async list(c, q) {
        const rows = [...col(c)].filter(([, d]) =>
          Object.entries(q.where ?? {}).every(([k, v]) => canonicalJson(d.doc[k] ?? null) === canonicalJson(v as any)),
        )
        if (q.sort)
          rows.sort((a, b) => (a[1].doc[q.sort!.by] - b[1].doc[q.sort!.by]) * (q.sort!.order === 'asc' ? 1 : -1))
        return { docs: rows.slice(0, q.limit).map(([id, d]) => ({ id, ...structuredClone(d) })) as any }
      },
      countBy: nope,
      count: nope,
    },
    check: nope,
    async close() {},
  }
}
