// Numbers of an event's System block in words: levels, keywords, opcodes (winmeta.xml of the Windows SDK).

const levels = ['information', 'critical', 'error', 'warning', 'information', 'verbose'] as const

/** Level 0 (LogAlways) reads as information, as Event Viewer shows it. */
export function levelName(level: number): string | undefined {
  return levels[level]
}

const keywordBits: readonly (readonly [bigint, string])[] = [
  [0x10000000000000n, 'Audit Failure'],
  [0x20000000000000n, 'Audit Success'],
  [0x80000000000000n, 'Classic'],
  [0x2000000000000n, 'WDI Context'],
  [0x4000000000000n, 'WDI Diag'],
  [0x8000000000000n, 'SQM'],
  [0x40000000000000n, 'Correlation Hint'],
  [0x1000000000000n, 'Response Time'],
]

/** Names of the bits set, and the audit's outcome. */
export function readKeywords(mask: bigint): { names: string[]; outcome: 'success' | 'failure' | undefined } {
  const known = masks.get(mask)
  if (known !== undefined) return known
  const names = keywordBits.filter(([bit]) => (mask & bit) !== 0n).map(([, name]) => name)
  const outcome = outcomeOf(names)
  const read = { names, outcome }
  if (masks.size < 1_024) masks.set(mask, read)
  return read
}

/** Few masks come again and again; BigInt arithmetic is slow. */
const masks = new Map<bigint, { names: string[]; outcome: 'success' | 'failure' | undefined }>()

export function outcomeOf(keywords: readonly string[]): 'success' | 'failure' | undefined {
  for (const keyword of keywords) {
    const lower = keyword.toLowerCase()
    if (lower === 'audit failure' || lower === 'überwachung gescheitert') return 'failure'
    if (lower === 'audit success' || lower === 'überwachung erfolgreich') return 'success'
  }
  return undefined
}

/** `0x8020000000000000`, or a signed or unsigned decimal, as shippers write it. */
export function keywordMask(text: string | number): bigint | undefined {
  try {
    if (typeof text === 'number')
      return Number.isFinite(text) ? BigInt.asUintN(64, BigInt(Math.trunc(text))) : undefined
    return text.length > 0 && text.length <= 20 && /^(?:0x[0-9a-fA-F]+|-?\d+)$/.test(text)
      ? BigInt.asUintN(64, BigInt(text))
      : undefined
  } catch {
    return undefined
  }
}

const opcodes: Record<string, string | undefined> = {
  0: 'Info',
  1: 'Start',
  2: 'Stop',
  3: 'DCStart',
  4: 'DCStop',
  5: 'Extension',
  6: 'Reply',
  7: 'Resume',
  8: 'Suspend',
  9: 'Send',
  240: 'Receive',
}

export function opcodeName(opcode: string): string | undefined {
  return opcodes[opcode]
}
