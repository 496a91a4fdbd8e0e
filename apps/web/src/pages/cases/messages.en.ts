// What the pages of cases say.
export const messages = {
  title: 'Cases',
  add: {
    title: 'Add to a case',
    which: 'Case',
    newCase: 'A new case',
    name: 'Title of the new case',
    why: 'Why',
    whyHint: 'Stands in the chain of custody.',
    defaultWhy: 'belongs to this incident',
    add: 'Add',
    done: (pinned: string, already: string) =>
      already === '0'
        ? `Pinned: ${pinned} events, as they are now.`
        : `Pinned: ${pinned} events; ${already} were there.`,
    missing: (count: string) => `${count} are no longer in the store and could not be pinned.`,
    toCase: 'Go to the case',
  },
} as const
