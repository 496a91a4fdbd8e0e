// Cases over HTTP. The contract stands first; the handlers follow route by route.
import { VardeError } from '@varde/runtime'
import type { EndpointName } from '../contract/endpoints.ts'
import type { Handlers } from '../register.ts'

type Names = Extract<
  EndpointName,
  | 'cases'
  | 'createCase'
  | 'case'
  | 'changeCase'
  | 'caseHistory'
  | 'pinToCase'
  | 'casePins'
  | 'casePin'
  | 'verifyCase'
  | 'caseTimeline'
  | 'caseCompleteness'
  | 'caseCustody'
  | 'addCustody'
  | 'caseExports'
  | 'createExport'
  | 'caseExport'
  | 'resumeExport'
  | 'stopExport'
  | 'downloadExport'
  | 'regimes'
  | 'clocks'
  | 'caseBreach'
  | 'caseDocument'
  | 'breachRegister'
  | 'breachIntake'
>

export function caseRoutes(): Handlers<Names> {
  const soon = () => Promise.reject(new VardeError('NOT_FOUND', 'this route is not served yet'))
  return {
    cases: soon,
    createCase: soon,
    case: soon,
    changeCase: soon,
    caseHistory: soon,
    pinToCase: soon,
    casePins: soon,
    casePin: soon,
    verifyCase: soon,
    caseTimeline: soon,
    caseCompleteness: soon,
    caseCustody: soon,
    addCustody: soon,
    caseExports: soon,
    createExport: soon,
    caseExport: soon,
    resumeExport: soon,
    stopExport: soon,
    downloadExport: soon,
    regimes: soon,
    clocks: soon,
    caseBreach: soon,
    caseDocument: soon,
    breachRegister: soon,
    breachIntake: soon,
  }
}
