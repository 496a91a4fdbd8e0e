// What each group of the contract's tests is handed.
import type { Store } from '../port.ts'

export interface ContractTools {
  check(name: string, run: () => Promise<void>): void
  /** A fresh store in a folder of its own, closed after the test. */
  start(): Promise<{ store: Store; reopen(): Promise<Store> }>
}
