// node test/bench/sizing.ts: writes docs/sizing.md out of test/bench/figures.json, what was measured, and of a simulation of skewed keys.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { partitionOf } from '@varde/bus'
import { random } from './store.ts'

/** CPU times are microseconds an event on one core of the machine that is named. */
export interface Figures {
  measured: string
  ingestThread: number
  ingestProcess: number
  cluster: number
  storeOfLoader: number
  rawBytes: number
  bytesPerEvent: { standard: number; logsdb: number; bestCompression: number }
  clusterOf: { standard: number; logsdb: number; bestCompression: number }
}

/** Work above this share of a core waits in bursts, merges and collections: half as much again is kept free. */
const usable = 0.6
/** Elastic's guidance: shards of 10 to 50 GB. */
const shardBytes = 40e9
const day = 86_400

const rates = [1_000, 10_000, 100_000, 1_000_000]

export function sizingPage(figures: Figures): string {
  const rows = rates.map((rate) => rowOf(rate, figures))
  return [
    '# Sizing',
    '',
    'Made by `node test/bench/sizing.ts` out of `test/bench/figures.json`; change the figures to your own measurement (`npm run bench`), never the tables.',
    '',
    `Measured: ${figures.measured}`,
    '',
    '| what | figure |',
    '| --- | --- |',
    `| ingest, its thread (parse, match, hash, send) | ${figures.ingestThread} µs of CPU an event |`,
    `| ingest, the whole process | ${figures.ingestProcess} µs |`,
    `| Elasticsearch, one copy | ${figures.cluster} µs an event |`,
    `| the store beside a bare bulk loader with the same documents | ${Math.round(figures.storeOfLoader * 100)} % |`,
    `| raw line | ${figures.rawBytes} bytes |`,
    ...modeRows(figures),
    '',
    `Cores are planned to be ${usable * 100} % busy. With one replica Elasticsearch's cores and disks count twice. A shard is planned at ${shardBytes / 1e9} GB.`,
    '',
    '| events/s | ingest processes | cores of ingest | raw partitions | Elasticsearch cores, 1 copy (2) | disk a day, 1 copy (2) | shards of a day |',
    '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    'One ingest process follows its partitions on one core; another process takes half of them. `partitions` is 64 at most: beyond what 64 ingest threads take, run several Vardes by tenant.',
    'One index a day is for each retention class and tenant that sends: 100 tenants of one class are 100 shards a day, and 30 days of them 3,000 — three nodes at the default of 1,000 shards each. Give small tenants a class with few days, or one Varde tenant between them.',
    '',
    '## Skew',
    '',
    'A source keeps its order, so all of it is in one partition, chosen by a hash of tenant and source. What the fullest partition gets, as a multiple of the mean (median and 95th percentile of 200 draws; sizes of sources fall off as 1/rank^s):',
    '',
    '| sources | s | 4 partitions | 8 | 16 | 32 | 64 |',
    '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...skewRows(),
    '',
    'Read it as: with 200 sources of s = 1, more than 16 partitions spread hardly anything further, for the largest source alone is a sixth of all. A source too large for one core of ingest must be split where it sends (a source a site, a firewall, a domain controller).',
    '',
  ].join('\n')
}

function modeRows({ bytesPerEvent, clusterOf }: Figures): string[] {
  const names = {
    standard: 'standard',
    logsdb: 'logsdb, `_source` kept',
    bestCompression: 'standard, best_compression (default)',
  } as const
  return (['standard', 'logsdb', 'bestCompression'] as const).map(
    (mode) => `| on disk, ${names[mode]} | ${bytesPerEvent[mode]} bytes an event, ${clusterOf[mode]} µs |`,
  )
}

function rowOf(rate: number, figures: Figures): string {
  const processes = Math.max(1, Math.ceil((rate * figures.ingestThread) / 1e6 / usable))
  const ingestCores = (rate * figures.ingestProcess) / 1e6 / usable
  const clusterCores = (rate * figures.cluster) / 1e6 / usable
  // Twice the processes, so that a skewed one can be evened out, and that there is room to grow.
  const wanted = Math.max(4, 2 ** Math.ceil(Math.log2(processes * 2)))
  const partitions = wanted > 64 ? `64 × ${Math.ceil(wanted / 64)} Vardes` : String(wanted)
  const bytes = rate * day * figures.bytesPerEvent.bestCompression
  const shards = Math.max(1, Math.ceil(bytes / shardBytes))
  const cells = [
    rate.toLocaleString('en'),
    String(processes),
    cores(ingestCores),
    partitions,
    `${cores(clusterCores)} (${cores(clusterCores * 2)})`,
    `${size(bytes)} (${size(bytes * 2)})`,
    String(shards),
  ]
  return `| ${cells.join(' | ')} |`
}

function cores(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.ceil(value))
}

function size(bytes: number): string {
  return bytes >= 1e12 ? `${(bytes / 1e12).toFixed(1)} TB` : `${(bytes / 1e9).toFixed(1)} GB`
}

function skewRows(): string[] {
  const rows: string[] = []
  for (const sources of [20, 200, 2_000]) {
    for (const s of [0.8, 1, 1.2]) {
      const cells = [4, 8, 16, 32, 64].map((partitions) => skew(sources, s, partitions))
      rows.push(`| ${sources} | ${s} | ${cells.join(' | ')} |`)
    }
  }
  return rows
}

const draws = 200

/** Largest partition ÷ mean, by the very partitioner of the collectors. */
function skew(sources: number, s: number, partitions: number): string {
  const weights = Array.from({ length: sources }, (_, rank) => 1 / (rank + 1) ** s)
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / partitions
  const next = random(sources * 100 + partitions)
  const found: number[] = []
  for (let draw = 0; draw < draws; draw += 1) {
    const loads = new Array<number>(partitions).fill(0)
    for (const weight of weights) {
      const at = partitionOf(`house/source-${Math.floor(next() * 1e9)}`, partitions)
      loads[at] = (loads[at] ?? 0) + weight
    }
    found.push(Math.max(...loads) / mean)
  }
  found.sort((a, b) => a - b)
  const at = (part: number) => (found[Math.floor(part * draws)] ?? 0).toFixed(1)
  return `${at(0.5)}–${at(0.95)}`
}

if (import.meta.main) {
  const figures: Figures = JSON.parse(readFileSync(join(import.meta.dirname, 'figures.json'), 'utf8'))
  writeFileSync(join(import.meta.dirname, '..', '..', 'docs', 'sizing.md'), sizingPage(figures))
}
