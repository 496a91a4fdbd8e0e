// How a change that does not fit the case is refused.
import { VardeError } from '@varde/runtime'

export function refuse(message: string): VardeError {
  return new VardeError('CASE_CHANGE_INVALID', message, { hint: 'Load the case again and look at what is there now.' })
}
