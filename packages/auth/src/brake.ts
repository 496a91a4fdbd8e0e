// The brake on guessing passwords: by name and by address, with tries of one of them taking their turn.
import { type Clock, VardeError } from '@varde/runtime'

/** After so many wrong passwords a name or address waits: 5 free tries, then doubling from 1 s up to 15 min. */
const freeTries = 5
const waitMsMax = 15 * 60_000
/** Who waits for their turn, at most: beyond it something guesses, however many colleagues share an address. */
const turnsMax = 100
const knownMax = 100_000

export interface WrongTry {
  /** Wrong ones so far, by whichever of name and address has more. */
  wrong: number
  /** How long both wait now; 0 within the free tries. */
  waitMs: number
}

export interface Brake {
  /**
   * Runs a check when its turn has come: one at a time for a name and for an address, so that many at once are counted like one after the
   * other, and right ones do not count at all. `undefined` from the check is a wrong try. Throws SIGN_IN_LOCKED.
   */
  check<T>(who: string[], run: () => Promise<T | undefined>): Promise<{ right: T; wrongBefore: number } | WrongTry>
}

export function createBrake(clock: Clock): Brake {
  const guesses = new Map<string, { wrong: number; until: number }>()
  const turns = new Map<string, { last: Promise<void>; waiting: number }>()

  function locked(waitMs: number): VardeError {
    const retryAfterSeconds = Math.ceil(waitMs / 1000)
    return new VardeError('SIGN_IN_LOCKED', 'too many wrong passwords', {
      hint: `Wait ${retryAfterSeconds} seconds and try again.`,
      facts: { retryAfterSeconds },
    })
  }

  function checkLock(who: string[]) {
    const waitMs = Math.max(...who.map((one) => (guesses.get(one)?.until ?? 0) - clock.now()))
    if (waitMs > 0) throw locked(waitMs)
  }

  const wrongOf = (who: string[]) => Math.max(0, ...who.map((one) => guesses.get(one)?.wrong ?? 0))

  function noteWrong(who: string): number {
    if (guesses.size > knownMax) guesses.clear()
    const wrong = (guesses.get(who)?.wrong ?? 0) + 1
    const waitMs = wrong < freeTries ? 0 : Math.min(waitMsMax, 1000 * 2 ** (wrong - freeTries))
    guesses.set(who, { wrong, until: clock.now() + waitMs })
    return waitMs
  }

  async function inTurn<T>(who: string[], run: () => Promise<T>): Promise<T> {
    const before = who.map((one) => turns.get(one) ?? { last: Promise.resolve(), waiting: 0 })
    if (before.some(({ waiting }) => waiting >= turnsMax)) throw locked(1_000)
    const mine = Promise.all(before.map(({ last }) => last)).then(run)
    const settled = mine.then(
      () => undefined,
      () => undefined,
    )
    for (const [index, one] of who.entries())
      turns.set(one, { last: settled, waiting: (before[index]?.waiting ?? 0) + 1 })
    try {
      return await mine
    } finally {
      for (const one of who) {
        const turn = turns.get(one)
        if (turn === undefined || turn.waiting <= 1) turns.delete(one)
        else turns.set(one, { ...turn, waiting: turn.waiting - 1 })
      }
    }
  }

  return {
    async check(who, run) {
      // Before the queue too: whoever is locked out waits for nobody.
      checkLock(who)
      return inTurn(who, async () => {
        checkLock(who)
        const right = await run()
        if (right !== undefined) {
          const wrongBefore = wrongOf(who)
          for (const one of who) guesses.delete(one)
          return { right, wrongBefore }
        }
        const waitMs = Math.max(...who.map(noteWrong))
        return { wrong: wrongOf(who), waitMs }
      })
    },
  }
}
