// `$string` and everything that casts to text.
import { checkText, tick, ticks } from './budget.ts'
import { failure } from './failure.ts'
import { isArray, isObject } from './value.ts'

/** Walks what JSON.stringify would, within the budget: shared parts can make a small value an endless text. */
function measure(value: unknown): void {
  tick()
  if (typeof value === 'string') ticks(value.length >> 6)
  if (!isObject(value)) return
  if (isArray(value)) for (const item of value) measure(item)
  else for (const key of Object.keys(value)) measure(value[key])
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return value
    if (!Number.isFinite(value)) throw failure('D1001', 'string')
    return Number.isInteger(value) ? value : Number(value.toPrecision(15))
  }
  return typeof value === 'function' ? '' : value
}

export function stringOf(value: unknown, pretty = false): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'function') return ''
  if (typeof value === 'number') {
    if (Number.isFinite(value))
      return Number.isInteger(value) ? JSON.stringify(value) : JSON.stringify(Number(value.toPrecision(15)))
    throw failure('D3001', 'string')
  }
  const whole = isArray(value) && value.outerWrapper === true ? value[0] : value
  measure(whole)
  const text = JSON.stringify(whole, replacer, pretty ? 2 : 0)
  checkText(text === undefined ? 0 : text.length)
  return text
}
