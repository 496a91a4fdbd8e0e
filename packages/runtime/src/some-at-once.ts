// The same work for many things, some at a time.

/** Begins in order. After an error nothing more is begun, and it is thrown once all that had begun has ended. */
export async function someAtOnce<T>(max: number, all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values()
  const errors: unknown[] = []
  const worker = async () => {
    for (const one of left) {
      if (errors.length > 0) return
      await work(one).catch((error: unknown) => errors.push(error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(max, all.length) }, worker))
  if (errors.length > 0) throw errors[0]
}
