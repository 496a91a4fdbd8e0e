// Faults one after the other, at moments that nobody planned.

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Each fault once a round, in an order of its own, at moments of its own; says at the end which there were. */
export async function inTurn<Hand>(
  name: string,
  rounds: number,
  faults: Record<string, (hand: Hand) => Promise<unknown>>,
  hand: Hand,
): Promise<void> {
  const counts = new Map<string, number>()
  for (let round = 0; round < rounds; round += 1) {
    for (const [fault, strike] of shuffled(Object.entries(faults))) {
      await pause(500 + Math.random() * 2_000)
      await strike(hand)
      counts.set(fault, (counts.get(fault) ?? 0) + 1)
    }
  }
  await pause(1_000)
  for (const [fault, times] of counts) process.stderr.write(`faults: ${name}: ${times} × ${fault}\n`)
}

function shuffled<T>(all: T[]): T[] {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
}
