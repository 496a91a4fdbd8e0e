// Cases as this page asks for them, and what must be asked anew when one changes.
import { ask } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'

export const openCasesQuery = ask('cases', { query: { limit: 200 } })

const caseQueries = [
  'cases',
  'case',
  'casePins',
  'caseTimeline',
  'caseCustody',
  'caseHistory',
  'caseCompleteness',
  'caseBreach',
  'caseExports',
  'clocks',
  'breachRegister',
]

export function refreshCases(): Promise<unknown> {
  return Promise.all(caseQueries.map((name) => queryClient.invalidateQueries({ queryKey: [name] })))
}
