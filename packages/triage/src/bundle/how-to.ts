// HOW-TO-CHECK.txt: the way a stranger checks this very bundle, with the commands spelled out for the files that are in it.
import type { BundleEvidence } from '@varde/evidence'
import type { Language } from '@varde/schema'
import { wordsIn } from './words.ts'

export interface HowToInput {
  language: Language
  case: { id: string; revision: number }
  house: string
  signed: Omit<BundleEvidence, 'records' | 'seals'>
  imported: number
}

/** So many heads have their commands written out; the others go the same way. */
const spelledMax = 12

export function howToCheck(input: HowToInput): string {
  const say = wordsIn('bundle', input.language)
  const { signed, imported } = input
  const current = signed.keys.at(-1)?.id ?? '-'
  const heads = headsOf(signed)
  const last = heads.at(-1)
  return say('howTo', {
    case: input.case.id,
    revision: String(input.case.revision),
    house: input.house,
    key: current,
    firstKey: signed.keys[0]?.id ?? '-',
    heads: heads.length === 0 ? indented(say('howToNoHead')) : headCommands(signed, heads, current),
    stamps: stampCommands(signed, say('howToNoStamp')),
    end:
      last === undefined ? say('howToNothingSigned') : say('howToEnd', { head: String(last.number), at: iso(last.at) }),
    imported: imported === 0 ? '' : `\n${say('howToImported', { count: String(imported) })}`,
  })
}

const iso = (time: number) => new Date(time).toISOString()
const fileOf = (number: number) => `heads/${String(number).padStart(8, '0')}`
const indented = (text: string) => `     ${text}`

function headsOf({ signatures, entrySignatures }: HowToInput['signed']) {
  const heads = [...signatures, ...entrySignatures].map(({ proof }) => proof.head)
  return [...new Map(heads.map((head) => [head.number, head])).values()].sort((a, b) => a.number - b.number)
}

/** A head that an earlier key has signed comes with the command that makes a file of that key. */
function headCommands({ keys }: HowToInput['signed'], heads: ReturnType<typeof headsOf>, current: string): string {
  const lines: string[] = []
  const made = new Set<string>()
  for (const { number, key } of heads.slice(-spelledMax)) {
    const position = keys.findIndex(({ id }) => id === key)
    const file = `key-${position + 1}.der`
    if (key !== current && !made.has(key)) {
      lines.push(`echo ${keys[position]?.publicKey ?? ''} | openssl base64 -d -A -out ${file}`)
      made.add(key)
    }
    const by = key === current ? '-inkey key.pem' : `-keyform DER -inkey ${file}`
    lines.push(`openssl pkeyutl -verify -pubin ${by} -rawin -in ${fileOf(number)}.txt -sigfile ${fileOf(number)}.sig`)
  }
  return lines.map(indented).join('\n')
}

function stampCommands({ stamps }: HowToInput['signed'], none: string): string {
  if (stamps.length === 0) return indented(none)
  return stamps
    .slice(-2 * spelledMax)
    .flatMap(({ head, name }) => [
      `openssl ts -verify -data ${fileOf(head)}.txt -in ${fileOf(head)}.${name}.tsr -CAfile ${name}.pem`,
      `openssl ts -reply -in ${fileOf(head)}.${name}.tsr -text`,
    ])
    .map(indented)
    .join('\n')
}
