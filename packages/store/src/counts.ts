// Counts by names that stand in log lines.

/** Without a prototype: `constructor` and `__proto__` are names like others. */
export function noCounts(): Record<string, number> {
  return Object.create(null)
}
