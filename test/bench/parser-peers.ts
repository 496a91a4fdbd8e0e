// The peers of the parsers that this machine has: liblognorm, rsyslog's mmnormalize (Debian: liblognorm-utils), over the same lines.
// It splits lines into named texts and writes JSON: no ECS, no times, no types, no detection; so its figure is a floor for what we add.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ParserRate } from './parsers.ts'

/** A rule base by product, in liblognorm's version 2 (rsyslog.com/doc/mmnormalize). */
const ruleBases: Readonly<Record<string, { lines: string; rules: string }>> = {
  fortinet_fortigate: { lines: 'fortinet_fortigate/all.log', rules: 'rule=:<%pri:number%>%pairs:name-value-list%' },
  iptables: {
    lines: 'iptables/prefixes.log',
    rules: [
      'rule=:<%pri:number%>%time:date-rfc3164% %host:word% %tag:char-to:\\x3a%: [%up:char-to:]%] %prefix:word% %fields:v2-iptables%',
      'rule=:<%pri:number%>%time:date-rfc3164% %host:word% %tag:char-to:\\x3a%: %prefix:word% %fields:v2-iptables%',
      'rule=:%time:date-rfc3164% %host:word% %tag:char-to:\\x3a%: %prefix:word% %fields:v2-iptables%',
    ].join('\n'),
  },
}
const linesMin = 100_000
const program = 'lognormalizer'

/** Rates of each peer that is installed; none is no fault. */
export function benchPeers(fixtures: string): ParserRate[] {
  if (spawnSync(program, ['-V'], { stdio: 'ignore' }).error !== undefined) return []
  return Object.entries(ruleBases).map(([product, { lines, rules }]) => {
    const text = readFileSync(join(fixtures, lines), 'utf8')
    const count = text.split('\n').filter((line) => line !== '').length
    const times = Math.ceil(linesMin / count)
    return {
      product: `peer: mmnormalize, ${product}`,
      lines: count,
      bytesPerLine: Math.round(text.length / count),
      linesPerSecond: Math.round((times * count) / secondsOf(rules, text.repeat(times))),
    }
  })
}

/** Processor seconds of one run, without those of starting it. */
function secondsOf(rules: string, input: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'varde-bench-'))
  try {
    const ruleFile = join(folder, 'rules.rb')
    writeFileSync(ruleFile, `version=2\n${rules}\n`)
    const run = (text: string): number => {
      const shell = spawnSync('bash', ['-c', '"$0" -r "$1" > /dev/null; times', program, ruleFile], { input: text })
      return childSeconds(shell.stdout.toString())
    }
    return Math.max(run(input) - run('\n'), 0.001)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The second line of the shell's `times`: user and system time of its children, `0m1.760s 0m0.020s`. */
function childSeconds(text: string): number {
  const [user = 0, system = 0] = (text.split('\n')[1] ?? '')
    .split(' ')
    .map((part) => /^(\d+)m([\d.]+)s$/.exec(part))
    .map((found) => (found === null ? 0 : Number(found[1]) * 60 + Number(found[2])))
  return user + system
}
