// Changes of a rule's text that leave all its other characters as they are.

export interface NewException {
  when: string
  owner: string
  reason: string
  /** `2027-01-31`. */
  until: string
}

/** JSON texts are YAML texts, whatever stands in them. */
function itemOf({ when, owner, reason, until }: NewException, indent: string): string {
  const line = (text: string) => JSON.stringify(text)
  return `${indent}- {when: ${line(when)}, owner: ${line(owner)}, reason: ${line(reason)}, until: ${until}}`
}

/** The rule with one more exception, before those that it has. */
export function withException(text: string, exception: NewException): string {
  const lines = text.split('\n')
  const at = lines.findIndex((line) => /^exceptions:/.test(line))
  if (at === -1) return `${text.trimEnd()}\nexceptions:\n${itemOf(exception, '  ')}\n`
  const head = lines[at] ?? ''
  const empty = /^exceptions:\s*(\[\s*\]|~|null)?\s*(#.*)?$/.test(head)
  if (!empty) {
    // Written in one line: its items stay where they are, behind the new one.
    const rest = head.replace(/^exceptions:\s*\[/, '')
    const inner = itemOf(exception, '').slice(2)
    return [...lines.slice(0, at), `exceptions: [${inner}, ${rest}`, ...lines.slice(at + 1)].join('\n')
  }
  const next = lines.slice(at + 1).find((line) => line.trim() !== '' && !/^\s*#/.test(line))
  const indent = /^(\s*)- /.exec(next ?? '')?.[1] ?? '  '
  const comment = /#.*$/.exec(head)?.[0]
  const first = comment === undefined ? 'exceptions:' : `exceptions: ${comment}`
  return [...lines.slice(0, at), first, itemOf(exception, indent), ...lines.slice(at + 1)].join('\n')
}

/** A value of JSON as JSONata writes it. */
export function conditionOf(group: Record<string, unknown>): string {
  return Object.entries(group)
    .map(([field, value]) => {
      const path = field
        .split('.')
        .map((part) => (/^[A-Za-z_]\w*$/.test(part) ? part : `\`${part}\``))
        .join('.')
      return `${path} = ${JSON.stringify(value)}`
    })
    .join(' and ')
}
