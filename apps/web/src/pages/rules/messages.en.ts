// What the rules pages say.
export const messages = {
  title: 'Rules',
  count: (shown: number, all: number) => (shown === all ? `${all} rules` : `${shown} of ${all} rules`),
  ruleSet: (digest: string) => `Rule set ${digest}`,
  filter: 'Name, file or ATT&CK technique',
  anySeverity: 'Any severity',
  anyType: 'Any type',
  show: { label: 'Show', all: 'All', fired: 'Fired', never: 'Never fired', findings: 'With findings' },
  columns: {
    severity: 'Severity',
    name: 'Rule',
    type: 'Type',
    attack: 'ATT&CK',
    open: 'Open',
    total: 'Alerts',
    last: 'Last fired',
    tests: 'Tests',
    health: 'Health',
  },
  never: 'never',
  healthy: 'OK',
  findings: (errors: number, warnings: number) =>
    [errors > 0 ? `${errors} errors` : '', warnings > 0 ? `${warnings} findings` : ''].filter(Boolean).join(', '),
  failing: (count: string) => `${count} failed evaluations`,
  noTests: 'none',
  refused: (count: number) =>
    count === 1 ? '1 rule file was refused; the rest run' : `${count} rule files were refused; the rest run`,
  at: (line: number, column: number | undefined) =>
    column === undefined ? `line ${line}` : `line ${line}, column ${column}`,
  empty: {
    title: 'No rule fits',
    text: 'Change the filter above.',
    none: 'No rules are loaded',
    noneText: 'Put rule files into the detections folder and restart; CONTRIBUTING shows how to write one.',
  },
  detail: {
    back: 'Rules',
    gone: 'There is no such rule.',
    text: 'Rule file',
    tests: 'Tests',
    try: 'Try it',
    description: 'What it looks for',
    runbook: 'Runbook',
    blindSpots: 'Blind spots',
    alerts: 'Alerts',
    alertsOpen: (count: string) => `${count} open`,
    seeAlerts: 'See its alerts',
    perDay: 'Alerts a day (UTC)',
    digest: 'Digest',
    file: 'File',
    sources: 'Sources',
    lint: 'Findings',
    noLint: 'No findings.',
    never: 'It has not fired yet.',
  },
  tests: {
    run: 'Run the tests',
    running: 'Running…',
    passed: (passed: number, failed: number) =>
      failed === 0 ? `All ${passed} pass` : `${failed} fail, ${passed} pass`,
    none: 'This rule has no tests.',
    expects: 'Expects',
    got: 'Got',
    ok: 'passes',
    fails: 'fails',
  },
  try: {
    label: 'Raw log lines or ECS events as JSON, one a line',
    hint: 'They go through the same parsers and the same engine as live events. Nothing is stored.',
    run: 'Try',
    edited: 'Edited rule',
    ofFile: 'The rule as it runs',
    which: 'Which rule',
    editorLabel: 'Rule text (YAML)',
    matched: 'matches',
    not: 'does not match',
    alerts: (count: number) =>
      count === 0
        ? 'Together they raise no alert.'
        : count === 1
          ? 'Together they raise 1 alert:'
          : `Together they raise ${count} alerts:`,
    show: 'Show the event',
    line: (index: number) => `Line ${index}`,
  },
} as const
