// What is due next: a heap by watermark, so that time passing costs only what it concerns.

export interface Schedule<T> {
  /** Moves the thing to this due time; Infinity takes it out. */
  set(thing: T, due: number): void
  /** Takes out all that are due before the watermark. */
  take(watermark: number): T[]
}

/** Where the due time of each thing is kept: in the thing itself, or in a map. */
export interface DueTimes<T> {
  get(thing: T): number | undefined
  set(thing: T, due: number): unknown
  delete(thing: T): unknown
}

/** Things that were moved stay in the heap until they come up, and are known by their time. */
export function createSchedule<T>(current: DueTimes<T>): Schedule<T> {
  // Side by side: a million slots as objects would be a third of what the things cost.
  const times: number[] = []
  const things: T[] = []

  function swap(a: number, b: number): void {
    const [timeA, timeB, a1, b1] = [times[a], times[b], things[a], things[b]]
    if (timeA === undefined || timeB === undefined || a1 === undefined || b1 === undefined) return
    times[a] = timeB
    times[b] = timeA
    things[a] = b1
    things[b] = a1
  }
  const dueAt = (position: number): number => times[position] ?? Number.POSITIVE_INFINITY

  function push(due: number, thing: T): void {
    times.push(due)
    things.push(thing)
    let child = times.length - 1
    while (child > 0) {
      const parent = (child - 1) >>> 1
      if (dueAt(parent) <= dueAt(child)) break
      swap(parent, child)
      child = parent
    }
  }

  function pop(): { due: number; thing: T } | undefined {
    swap(0, times.length - 1)
    const [due, thing] = [times.pop(), things.pop()]
    if (due === undefined || thing === undefined) return undefined
    let parent = 0
    for (;;) {
      const left = 2 * parent + 1
      const child = dueAt(left + 1) < dueAt(left) ? left + 1 : left
      if (child >= times.length || dueAt(parent) <= dueAt(child)) return { due, thing }
      swap(parent, child)
      parent = child
    }
  }

  return {
    set(thing, due) {
      if (current.get(thing) === due) return
      if (due === Number.POSITIVE_INFINITY) {
        current.delete(thing)
        return
      }
      current.set(thing, due)
      push(due, thing)
    },
    take(watermark) {
      const due: T[] = []
      while (dueAt(0) < watermark) {
        const slot = pop()
        if (slot === undefined) break
        if (current.get(slot.thing) !== slot.due) continue
        current.delete(slot.thing)
        due.push(slot.thing)
      }
      return due
    },
  }
}
