// What commands take where nothing is said.
import { userInfo } from 'node:os'

export const dataDefault = '.varde'

/** Who gives a command, for custody, keys and erasures: the account of this machine, which nobody has checked. */
export function commandUser(): string {
  try {
    return `${userInfo().username} (command line)`
  } catch {
    // An account without a name, as containers have.
    return `account ${process.getuid?.() ?? 'unknown'} (command line)`
  }
}
