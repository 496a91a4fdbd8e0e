// The URL's query string as plain text parameters, so that a link can be read, mailed and edited by hand.

export type Params = Record<string, string | string[]>

export function parseSearch(text: string): Params {
  const params: Params = {}
  for (const [key, value] of new URLSearchParams(text)) {
    const before = params[key]
    params[key] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
  }
  return params
}

/** Empty texts and lists are left out. Colons, commas and stars stay readable. */
export function stringifySearch(search: Record<string, unknown>): string {
  const parts: string[] = []
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === undefined || one === null || one === '' || one === false) continue
      parts.push(`${encodeURIComponent(key)}=${readable(one === true ? '1' : String(one))}`)
    }
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

function readable(text: string): string {
  return encodeURIComponent(text).replace(/%(?:3A|2C|2A|40|2F|28|29)/g, decodeURIComponent)
}

/** Reads typed parameters out of whatever the URL holds. */
export function reader(params: Record<string, unknown>) {
  const text = (key: string): string | undefined => {
    const value = params[key]
    const one = Array.isArray(value) ? value[0] : value
    return typeof one === 'string' && one !== '' ? one : typeof one === 'number' ? String(one) : undefined
  }
  return {
    text,
    list: (key: string): string[] => {
      const value = params[key]
      const all = Array.isArray(value) ? value : value === undefined ? [] : [value]
      return all.filter((one) => typeof one === 'string' && one !== '')
    },
    flag: (key: string): boolean => params[key] === '1' || params[key] === true,
    oneOf: <T extends string>(key: string, allowed: readonly T[]): T | undefined =>
      allowed.find((one) => one === text(key)),
    someOf: <T extends string>(key: string, allowed: readonly T[]): T[] => {
      const value = params[key]
      const all = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : []
      return allowed.filter((one) => all.includes(one))
    },
  }
}
