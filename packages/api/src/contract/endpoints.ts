// The whole HTTP surface on one page: method, path, who may call it and what it is for. Plain data, so that a browser
// can have it without the schemas.

/** What a person may do. `public` needs no sign-in, `signed-in` any session. */
export const permissions = [
  'public',
  'signed-in',
  'events:read',
  'events:export',
  'alerts:read',
  'alerts:write',
  'cases:read',
  'cases:write',
  'cases:export',
  'cases:hold',
  'breach:write',
  'rules:read',
  'rules:test',
  'rules:write',
  'sources:read',
  'sources:write',
  'keys:manage',
  'users:manage',
  'audit:read',
] as const
export type Permission = (typeof permissions)[number]

export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Parameters as `:name`. */
  path: string
  permission: Permission
  summary: string
}

const get = <Path extends string>(path: Path, permission: Permission, summary: string) =>
  ({ method: 'GET', path, permission, summary }) as const
const post = <Path extends string>(path: Path, permission: Permission, summary: string) =>
  ({ method: 'POST', path, permission, summary }) as const
const put = <Path extends string>(path: Path, permission: Permission, summary: string) =>
  ({ method: 'PUT', path, permission, summary }) as const
const patch = <Path extends string>(path: Path, permission: Permission, summary: string) =>
  ({ method: 'PATCH', path, permission, summary }) as const
const remove = <Path extends string>(path: Path, permission: Permission, summary: string) =>
  ({ method: 'DELETE', path, permission, summary }) as const

export const endpoints = {
  health: get('/api/health', 'public', 'Is Varde up, and does it still wait for its set-up?'),

  setUp: post('/api/setup', 'public', 'Create the first administrator with the one-time token of the set-up link'),
  signIn: post('/api/session', 'public', 'Sign in; sets the session cookie'),
  signOut: remove('/api/session', 'signed-in', 'End this session'),
  me: get('/api/me', 'signed-in', 'Who is signed in and what they may do'),
  changePassword: post('/api/me/password', 'signed-in', 'Choose another password; my other sessions end'),

  searchEvents: post('/api/events/search', 'events:read', 'A page of events, newest or oldest first'),
  histogram: post('/api/events/histogram', 'events:read', 'Counts over time'),
  values: post('/api/events/values', 'events:read', 'Values of a field by frequency; all of them reachable'),
  event: get('/api/events/:id', 'events:read', 'One event whole: fields, raw bytes, proof, rules and alerts'),
  exportEvents: get('/api/events/export', 'events:export', 'Every match as a download, oldest first'),
  fields: get('/api/fields', 'events:read', 'Fields that any stored event has'),
  checkQuery: post('/api/query/check', 'events:read', 'Is this a query, and if not, where does it go wrong?'),
  completeness: get('/api/completeness', 'events:read', 'What a time range could not see, from the ledger'),

  savedSearches: get('/api/searches', 'events:read', 'Saved searches: mine and the shared ones'),
  saveSearch: post('/api/searches', 'events:read', 'Save a search; under a name that I have, anew'),
  removeSearch: remove('/api/searches/:id', 'events:read', 'Remove a saved search of mine'),
  lookUps: get('/api/look-ups', 'events:read', 'Links to other systems that values offer'),
  channels: get('/api/channels', 'alerts:read', 'Ways in which people are told of alerts, and how they do'),
  notifications: get('/api/notifications', 'alerts:read', 'What was sent, held back and not delivered, newest first'),
  testChannel: post('/api/channels/test', 'users:manage', 'Send a test over a channel'),
  setLookUps: post('/api/look-ups', 'users:manage', 'Replace the look-ups'),
  patterns: post('/api/events/patterns', 'events:read', 'The newest matches by what their lines have in common'),
  compare: post('/api/events/compare', 'events:read', 'Which values one range has more of than another'),
  people: get('/api/people', 'signed-in', 'Whom work can be given to'),

  searchAlerts: post('/api/alerts/search', 'alerts:read', 'A page of alerts'),
  countAlerts: post('/api/alerts/count', 'alerts:read', 'How many alerts, by severity and status'),
  groupAlerts: post('/api/alerts/groups', 'alerts:read', 'Alerts counted by rule, host, user or source address'),
  alert: get('/api/alerts/:id', 'alerts:read', 'One alert whole, with its rule'),
  alertEvents: get('/api/alerts/:id/events', 'alerts:read', 'The matched events of an alert, oldest first'),
  alertProof: get('/api/alerts/:id/proof', 'alerts:read', 'The alert with its proof, as a file for `varde verify`'),
  updateAlerts: post('/api/alerts/update', 'alerts:write', 'Status, verdict, assignee or note of one alert or many'),
  undoAlerts: post('/api/alerts/undo', 'alerts:write', 'Take an update back where nobody has touched the alert since'),

  cases: get('/api/cases', 'cases:read', 'Cases, the last changed first'),
  createCase: post('/api/cases', 'cases:write', 'Open a case, from alerts or empty'),
  case: get('/api/cases/:id', 'cases:read', 'One case whole, with its clocks'),
  changeCase: post('/api/cases/:id/changes', 'cases:write', 'Change a case; each change is a revision'),
  caseHistory: get('/api/cases/:id/history', 'cases:read', 'Every revision of a case, newest first'),
  pinToCase: post('/api/cases/:id/pins', 'cases:write', 'Copy events or an alert into the case, with their proof'),
  casePins: get('/api/cases/:id/pins', 'cases:read', 'The pinned events, oldest first'),
  casePin: get('/api/cases/:id/pins/:event', 'cases:read', 'One pinned event whole; viewing it is a custody entry'),
  verifyCase: post('/api/cases/:id/verify', 'cases:write', 'Check the proof of every pinned event'),
  caseTimeline: get('/api/cases/:id/timeline', 'cases:read', 'The evidence timeline, oldest first'),
  caseCompleteness: get('/api/cases/:id/completeness', 'cases:read', 'What the evidence of this case could not see'),
  caseCustody: get('/api/cases/:id/custody', 'cases:read', 'The chain of custody, oldest first'),
  addCustody: post('/api/cases/:id/custody', 'cases:write', 'Say that an item was acquired, viewed or handed over'),
  caseExports: get('/api/cases/:id/exports', 'cases:read', 'Bundles made of a case'),
  createExport: post('/api/cases/:id/exports', 'cases:export', 'Begin a bundle of a case'),
  caseExport: get('/api/exports/:id', 'cases:export', 'How far a bundle is'),
  resumeExport: post('/api/exports/:id/resume', 'cases:export', 'Go on with a bundle that was stopped'),
  stopExport: post('/api/exports/:id/stop', 'cases:export', 'Stop a bundle; it can be resumed'),
  downloadExport: get('/api/exports/:id/bundle', 'cases:export', 'The bundle (ZIP); takes Range'),

  regimes: get('/api/breach/regimes', 'cases:read', 'The regimes and their clocks'),
  clocks: get('/api/breach/clocks', 'cases:read', 'Every running or missed clock, the most urgent first'),
  caseBreach: get('/api/cases/:id/breach', 'cases:read', 'Clocks, estimates, and what the notices still lack'),
  caseDocument: get('/api/cases/:id/documents/:document', 'cases:read', 'A notice, drafted from the case (HTML)'),
  breachRegister: get('/api/breach/register', 'cases:read', 'The register of breaches, Art. 33(5)'),
  breachIntake: post('/api/breach/intake', 'breach:write', "Take in a supplier's breach: it becomes a case"),

  rules: get('/api/rules', 'rules:read', 'The running rule set'),
  rule: get('/api/rules/:id', 'rules:read', 'One rule: text, tests, hits, lint'),
  testRule: post('/api/rules/:id/test', 'rules:test', 'Run the tests inside the rule file'),
  tryRule: post('/api/rules/try', 'rules:test', 'Would this rule match these lines, events or this stored event?'),

  saveRule: put('/api/rules/:id', 'rules:write', 'Save a rule, new or edited, into the rules folder; it runs at once'),
  ruleHistory: get('/api/rules/:id/history', 'rules:read', 'Versions of a rule that ran'),
  ruleDiff: get('/api/rules/:id/diff', 'rules:read', 'Two versions of a rule, line by line'),
  why: post('/api/rules/why', 'rules:read', 'Why a rule met a stored event, or why not'),
  startReplay: post('/api/replays', 'rules:test', 'Run rules over history and compare with the alerts that are there'),
  replays: get('/api/replays', 'rules:read', 'Replays since the start of the server'),
  replay: get('/api/replays/:id', 'rules:read', 'How far a replay is, and its result'),
  cancelReplay: remove('/api/replays/:id', 'rules:test', 'Cancel a replay'),
  correlation: get('/api/correlation', 'rules:read', 'The windows: what they hold and had to let go'),
  risk: post('/api/risk', 'alerts:read', 'Users, hosts and addresses by what their alerts add up to'),

  sources: get('/api/sources', 'sources:read', 'Every source with its facts, and where Varde listens'),
  source: get('/api/sources/:source', 'sources:read', 'One source, minute by minute'),
  deadLetters: get('/api/dead-letters', 'sources:read', 'Records that could not become events'),
  redrive: post('/api/dead-letters/redrive', 'sources:write', 'Send dead letters through ingest again'),
  loadSample: post('/api/sample', 'sources:write', 'Load the sample into this store; once it is in, nothing more'),
  removeSample: remove(
    '/api/sample',
    'sources:write',
    'Take the sample out: its events are erased, its alerts retracted',
  ),
  datasets: get('/api/datasets', 'sources:read', 'The products that a hint can name, as ECS datasets'),
  parse: post('/api/parse', 'sources:read', 'What ingest would make of these lines'),

  overview: get('/api/overview', 'signed-in', 'What needs me now'),
  stream: get('/api/stream', 'signed-in', 'Server-sent events: alert changes and counters'),

  keys: get('/api/keys', 'keys:manage', 'API keys of senders'),
  createKey: post('/api/keys', 'keys:manage', 'Create an API key; its secret is shown this once'),
  revokeKey: remove('/api/keys/:id', 'keys:manage', 'Revoke an API key'),
  users: get('/api/users', 'users:manage', 'The people who may sign in'),
  createUser: post('/api/users', 'users:manage', 'Create a user'),
  updateUser: patch('/api/users/:id', 'users:manage', 'Change role or password, disable or enable a user'),
  audit: get('/api/audit', 'audit:read', 'Who did what, newest first'),
  checkAudit: get('/api/audit/check', 'audit:read', 'Is the sealed record of who did what whole?'),
} as const satisfies Record<string, Endpoint>

export type EndpointName = keyof typeof endpoints
