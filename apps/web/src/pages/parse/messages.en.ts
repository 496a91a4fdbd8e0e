// What the parse page says.
export const messages = {
  title: 'Parse preview',
  intro:
    'Paste log lines and see what ingest would make of them. The same code path as live events; nothing is stored.',
  lines: 'Raw log lines, one record a line',
  placeholder: '<134>Nov 24 08:12:01 fw01 date=2026-11-24 time=08:12:01 devname="fw01" …',
  dataset: 'Dataset',
  datasetAny: 'Find out by content',
  timeZone: 'Time zone of times without one',
  run: 'Parse',
  explained: (share: string) => `${share} of the line explained`,
  unexplained: (bytes: string) => `${bytes} bytes left over`,
  rules: 'Rules that would match',
  noRules: 'No rule matches this event by itself.',
  notes: 'Notes',
  failed: 'This becomes a dead letter',
  fields: (count: number) => `${count} fields`,
  json: 'As JSON',
  line: (index: number) => `Line ${index}`,
  empty: 'Nothing parsed yet',
  emptyHint: 'Ctrl Enter parses what you pasted.',
  tooMany: (max: number) => `Only the first ${max} lines are parsed.`,
} as const
