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

interface Slot<T> {
  due: number
  thing: T
}

/** Entries that were moved stay in the heap until they come up, and are known by their time. */
export function createSchedule<T>(current: DueTimes<T>): Schedule<T> {
  const heap: Slot<T>[] = []

  function swap(a: number, b: number): void {
    const [x, y] = [heap[a], heap[b]]
    if (x === undefined || y === undefined) return
    heap[a] = y
    heap[b] = x
  }
  const dueAt = (position: number): number => heap[position]?.due ?? Number.POSITIVE_INFINITY

  function push(slot: Slot<T>): void {
    heap.push(slot)
    let child = heap.length - 1
    while (child > 0) {
      const parent = (child - 1) >>> 1
      if (dueAt(parent) <= dueAt(child)) break
      swap(parent, child)
      child = parent
    }
  }

  function pop(): Slot<T> | undefined {
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    heap[0] = last
    let parent = 0
    for (;;) {
      const left = 2 * parent + 1
      const child = dueAt(left + 1) < dueAt(left) ? left + 1 : left
      if (child >= heap.length || dueAt(parent) <= dueAt(child)) return top
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
      push({ due, thing })
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
