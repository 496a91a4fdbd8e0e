// A log line without what varies: numbers, addresses, digests and quoted names become stars; near lines become one pattern.

const varying = [
  // Times, before their parts would be taken for numbers.
  /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/g,
  /\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d/g,
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  /\bS-1-\d+(?:-\d+)+\b/g,
  /\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi,
  /\b\d{1,3}(?:\.\d{1,3}){3}\b/g,
  /\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{0,4}\b/gi,
  /\b0x[0-9a-f]+\b/gi,
  /\b(?=[0-9a-f]*\d)[0-9a-f]{16,}\b/gi,
  /\d+/g,
]
export const star = '*'
/** Tokens beyond these are the tail of a long document and say little about its kind. */
const tokensMax = 60

export function tokensOf(line: string): string[] {
  const masked = varying.reduce((text, pattern) => text.replace(pattern, star), line)
  return masked
    .split(/\s+/)
    .filter((token) => token !== '')
    .slice(0, tokensMax)
}

/** The share of places at which two token lists agree; 0 where their lengths differ. */
export function likeness(a: string[], b: string[]): number {
  if (a.length !== b.length || a.length === 0) return 0
  let same = 0
  for (const [index, token] of a.entries()) if (token === b[index]) same += 1
  return same / a.length
}

/** What both have, stars where they differ. */
export function merged(a: string[], b: string[]): string[] {
  return a.map((token, index) => (token === b[index] ? token : star))
}
