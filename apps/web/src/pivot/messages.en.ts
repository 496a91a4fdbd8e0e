// What the menu of a value says.
export const messages = {
  label: (value: string) => `What to do with ${value}`,
  include: 'Filter for it',
  exclude: 'Filter it out',
  only: 'Search only for this',
  search: 'Search events with it',
  column: 'Toggle column',
  group: 'Group the histogram by this field',
  values: 'All values of this field',
  copy: 'Copy value',
  alerts: 'Alerts that name it',
  everywhere: 'Everything with this value, all fields',
  around: 'Events around this one with the same value',
  entity: { user: 'Page of this user', host: 'Page of this host', ip: 'Page of this address' },
  addToCase: 'Add the event to a case…',
  lookUps: 'Look up in',
  opensElsewhere: '(leaves Varde)',
} as const
