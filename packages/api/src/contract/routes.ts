// The route table: each endpoint with the schemas of what goes in and what comes out.
import { z } from 'zod'
import { ApiKey, CreatedKey, CreateKey, CreateUser, Keys, UpdateUser, User, Users } from './admin.ts'
import {
  AlertCounts,
  AlertDetail,
  AlertEvents,
  AlertGroups,
  AlertsPage,
  CountAlerts,
  GroupAlerts,
  SearchAlerts,
  UndoAlerts,
  UndoneAlerts,
  UpdateAlerts,
  UpdatedAlerts,
} from './alerts.ts'
import { AuditCheck, AuditPage, AuditQuery } from './audit.ts'
import {
  CaseBreach,
  DocumentParams,
  DocumentQuery,
  Intake,
  Regimes,
  Register,
  RegisterQuery,
  RunningClocks,
} from './breach.ts'
import {
  AddCustody,
  CaseCompleteness,
  CaseDetail,
  CaseHistory,
  CasesPage,
  ChangeCase,
  CreateCase,
  Custody,
  CustodyRow,
  HistoryQuery,
  ListCases,
  PinnedDetail,
  PinnedPage,
  PinnedToCase,
  PinToCase,
  TimelinePage,
  TimelineQuery,
  VerifiedCase,
} from './cases.ts'
import { Page } from './common.ts'
import { Correlation, Risk, RiskQuery } from './correlation.ts'
import {
  CompareQuery,
  Comparison,
  LookUps,
  Patterns,
  PatternsQuery,
  People,
  SavedSearch,
  SavedSearches,
  SaveSearch,
} from './desk.ts'
import { type Endpoint, type EndpointName, endpoints } from './endpoints.ts'
import {
  CheckedQuery,
  CheckQuery,
  Completeness,
  CompletenessQuery,
  EventDetail,
  EventsPage,
  ExportEvents,
  Fields,
  Histogram,
  HistogramQuery,
  SearchEvents,
  Values,
  ValuesQuery,
} from './events.ts'
import { CaseExport, CaseExports, CreateExport } from './exports.ts'
import { Channels, NotificationsPage, NotificationsQuery, TestChannel } from './notifications.ts'
import { Overview, OverviewQuery, StreamMessage } from './overview.ts'
import { ReplayJob, ReplayJobs, StartReplay } from './replays.ts'
import { RuleDiff, RuleDiffQuery, RuleHistory, SavedRule, SaveRule } from './rule-versions.ts'
import { RuleDetail, Rules, RuleTestResults, TriedRule, TryRule } from './rules.ts'
import { ChangePassword, Health, Me, SetUp, SignIn } from './session.ts'
import {
  Datasets,
  DeadLetters,
  DeadLettersQuery,
  LoadedSample,
  Parse,
  ParsedLines,
  Redrive,
  Redriven,
  RemovedSample,
  SourceDetail,
  Sources,
} from './sources.ts'
import { Why, WhyRule } from './why.ts'

export interface Route extends Endpoint {
  params?: z.ZodType
  query?: z.ZodType
  body?: z.ZodType
  /** Of a 200. A download's is its text, a stream's each message. */
  response: z.ZodType
}

const ById = z.object({ id: z.string() })
const Done = z.object({ done: z.literal(true) })

export const routes = {
  health: { ...endpoints.health, response: Health },

  setUp: { ...endpoints.setUp, body: SetUp, response: Me },
  signIn: { ...endpoints.signIn, body: SignIn, response: Me },
  signOut: { ...endpoints.signOut, response: Done },
  me: { ...endpoints.me, response: Me },
  changePassword: { ...endpoints.changePassword, body: ChangePassword, response: Done },

  searchEvents: { ...endpoints.searchEvents, body: SearchEvents, response: EventsPage },
  histogram: { ...endpoints.histogram, body: HistogramQuery, response: Histogram },
  values: { ...endpoints.values, body: ValuesQuery, response: Values },
  event: { ...endpoints.event, params: ById, response: EventDetail },
  exportEvents: { ...endpoints.exportEvents, query: ExportEvents, response: z.string() },
  fields: { ...endpoints.fields, response: Fields },
  checkQuery: { ...endpoints.checkQuery, body: CheckQuery, response: CheckedQuery },
  completeness: { ...endpoints.completeness, query: CompletenessQuery, response: Completeness },

  savedSearches: { ...endpoints.savedSearches, response: SavedSearches },
  saveSearch: { ...endpoints.saveSearch, body: SaveSearch, response: SavedSearch },
  removeSearch: { ...endpoints.removeSearch, params: ById, response: Done },
  lookUps: { ...endpoints.lookUps, response: LookUps },
  channels: { ...endpoints.channels, response: Channels },
  notifications: { ...endpoints.notifications, query: NotificationsQuery, response: NotificationsPage },
  testChannel: { ...endpoints.testChannel, body: TestChannel, response: Done },
  setLookUps: { ...endpoints.setLookUps, body: LookUps, response: LookUps },
  patterns: { ...endpoints.patterns, body: PatternsQuery, response: Patterns },
  compare: { ...endpoints.compare, body: CompareQuery, response: Comparison },
  people: { ...endpoints.people, response: People },

  searchAlerts: { ...endpoints.searchAlerts, body: SearchAlerts, response: AlertsPage },
  countAlerts: { ...endpoints.countAlerts, body: CountAlerts, response: AlertCounts },
  groupAlerts: { ...endpoints.groupAlerts, body: GroupAlerts, response: AlertGroups },
  alert: { ...endpoints.alert, params: ById, response: AlertDetail },
  alertEvents: { ...endpoints.alertEvents, params: ById, response: AlertEvents },
  alertProof: { ...endpoints.alertProof, params: ById, response: z.unknown() },
  updateAlerts: { ...endpoints.updateAlerts, body: UpdateAlerts, response: UpdatedAlerts },
  undoAlerts: { ...endpoints.undoAlerts, body: UndoAlerts, response: UndoneAlerts },

  cases: { ...endpoints.cases, query: ListCases, response: CasesPage },
  createCase: { ...endpoints.createCase, body: CreateCase, response: CaseDetail },
  case: { ...endpoints.case, params: ById, response: CaseDetail },
  changeCase: { ...endpoints.changeCase, params: ById, body: ChangeCase, response: CaseDetail },
  caseHistory: { ...endpoints.caseHistory, params: ById, query: HistoryQuery, response: CaseHistory },
  pinToCase: { ...endpoints.pinToCase, params: ById, body: PinToCase, response: PinnedToCase },
  casePins: { ...endpoints.casePins, params: ById, query: z.object(Page), response: PinnedPage },
  casePin: { ...endpoints.casePin, params: z.object({ id: z.string(), event: z.string() }), response: PinnedDetail },
  verifyCase: { ...endpoints.verifyCase, params: ById, response: VerifiedCase },
  caseTimeline: { ...endpoints.caseTimeline, params: ById, query: TimelineQuery, response: TimelinePage },
  caseCompleteness: { ...endpoints.caseCompleteness, params: ById, response: CaseCompleteness },
  caseCustody: { ...endpoints.caseCustody, params: ById, response: Custody },
  addCustody: { ...endpoints.addCustody, params: ById, body: AddCustody, response: CustodyRow },
  caseExports: { ...endpoints.caseExports, params: ById, response: CaseExports },
  createExport: { ...endpoints.createExport, params: ById, body: CreateExport, response: CaseExport },
  caseExport: { ...endpoints.caseExport, params: ById, response: CaseExport },
  resumeExport: { ...endpoints.resumeExport, params: ById, response: CaseExport },
  stopExport: { ...endpoints.stopExport, params: ById, response: CaseExport },
  downloadExport: { ...endpoints.downloadExport, params: ById, response: z.string() },

  regimes: { ...endpoints.regimes, response: Regimes },
  clocks: { ...endpoints.clocks, response: RunningClocks },
  caseBreach: { ...endpoints.caseBreach, params: ById, response: CaseBreach },
  caseDocument: { ...endpoints.caseDocument, params: DocumentParams, query: DocumentQuery, response: z.string() },
  breachRegister: { ...endpoints.breachRegister, query: RegisterQuery, response: Register },
  breachIntake: { ...endpoints.breachIntake, body: Intake, response: CaseDetail },

  rules: { ...endpoints.rules, response: Rules },
  rule: { ...endpoints.rule, params: ById, response: RuleDetail },
  testRule: { ...endpoints.testRule, params: ById, response: RuleTestResults },
  tryRule: { ...endpoints.tryRule, body: TryRule, response: TriedRule },

  saveRule: { ...endpoints.saveRule, params: ById, body: SaveRule, response: SavedRule },
  ruleHistory: { ...endpoints.ruleHistory, params: ById, response: RuleHistory },
  ruleDiff: { ...endpoints.ruleDiff, params: ById, query: RuleDiffQuery, response: RuleDiff },
  why: { ...endpoints.why, body: WhyRule, response: Why },
  startReplay: { ...endpoints.startReplay, body: StartReplay, response: ReplayJob },
  replays: { ...endpoints.replays, response: ReplayJobs },
  replay: { ...endpoints.replay, params: ById, response: ReplayJob },
  cancelReplay: { ...endpoints.cancelReplay, params: ById, response: ReplayJob },
  correlation: { ...endpoints.correlation, response: Correlation },
  risk: { ...endpoints.risk, body: RiskQuery, response: Risk },

  sources: { ...endpoints.sources, response: Sources },
  source: { ...endpoints.source, params: z.object({ source: z.string() }), response: SourceDetail },
  deadLetters: { ...endpoints.deadLetters, query: DeadLettersQuery, response: DeadLetters },
  loadSample: { ...endpoints.loadSample, response: LoadedSample },
  removeSample: { ...endpoints.removeSample, response: RemovedSample },
  redrive: { ...endpoints.redrive, body: Redrive, response: Redriven },
  datasets: { ...endpoints.datasets, response: Datasets },
  parse: { ...endpoints.parse, body: Parse, response: ParsedLines },

  overview: { ...endpoints.overview, query: OverviewQuery, response: Overview },
  stream: { ...endpoints.stream, response: StreamMessage },

  keys: { ...endpoints.keys, response: Keys },
  createKey: { ...endpoints.createKey, body: CreateKey, response: CreatedKey },
  revokeKey: { ...endpoints.revokeKey, params: ById, response: ApiKey },
  users: { ...endpoints.users, response: Users },
  createUser: { ...endpoints.createUser, body: CreateUser, response: User },
  updateUser: { ...endpoints.updateUser, params: ById, body: UpdateUser, response: User },
  audit: { ...endpoints.audit, query: AuditQuery, response: AuditPage },
  checkAudit: { ...endpoints.checkAudit, response: AuditCheck },
} as const satisfies Record<EndpointName, Route>

export type Routes = typeof routes
type Part<Name extends EndpointName, Key extends 'params' | 'query' | 'body'> =
  Routes[Name] extends Record<Key, infer S extends z.ZodType> ? { [K in Key]: z.input<S> } : unknown
/** What a caller gives: `params`, `query` and `body`, as far as the route has them. */
export type RouteInput<Name extends EndpointName> = Part<Name, 'params'> & Part<Name, 'query'> & Part<Name, 'body'>
/** What a caller gets. */
export type RouteOutput<Name extends EndpointName> = z.output<Routes[Name]['response']>
