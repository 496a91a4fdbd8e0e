// Numbers for the notices, counted in the pinned events: persons concerned, and records that were read or taken.
import type { Case, EcsEvent } from '@varde/schema'
import { textOf } from '../cases/event-words.ts'
import type { Evidence } from '../cases/evidence.ts'

export interface Estimate {
  count: number
  how: { da: string; en: string }
  examples: string[]
  query?: string
}

export interface Estimates {
  persons: Estimate
  records: Estimate
  controllers: { tenant: string; events: number; persons: Estimate; records: Estimate }[]
}

const personFields = ['user.name', 'user.target.name', 'user.email', 'email.to.address']
const examplesMax = 10
/** Accounts of machines and of the system are no persons. */
const noPerson = /\$$|^(system|local service|network service|anonymous logon|root|-)$/i

interface Sum {
  events: number
  persons: Set<string>
  files: Set<string>
  accesses: number
}

function isAccess(event: EcsEvent): boolean {
  const categories = textOf(event, 'event.category').split(', ')
  const types = `${textOf(event, 'event.type')} ${textOf(event, 'event.action')}`
  return (
    categories.some((category) => category === 'file' || category === 'database') ||
    /\b(export|download|access|read|copy|creation-of-file-share)/i.test(types)
  )
}

export async function estimatesOf(of: Case, evidence: Evidence): Promise<Estimates> {
  const sums = new Map<string, Sum>()
  for (const chunk of await evidence.chunks(of)) {
    for (const { tenant, event } of await evidence.copies(chunk)) {
      const sum = sums.get(tenant) ?? { events: 0, persons: new Set(), files: new Set(), accesses: 0 }
      sums.set(tenant, sum)
      sum.events += 1
      for (const field of personFields)
        for (const name of textOf(event, field).split(', '))
          if (name !== '' && !noPerson.test(name)) sum.persons.add(name.toLowerCase())
      if (!isAccess(event)) continue
      sum.accesses += 1
      const file = textOf(event, 'file.path')
      if (file !== '') sum.files.add(file)
    }
  }
  const all = [...sums.values()]
  const persons = new Set(all.flatMap((sum) => [...sum.persons]))
  const files = new Set(all.flatMap((sum) => [...sum.files]))
  const accesses = all.reduce((count, sum) => count + sum.accesses, 0)
  return {
    persons: personsOf(persons),
    records: recordsOf(files, accesses),
    controllers: [...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tenant, sum]) => ({
        tenant,
        events: sum.events,
        persons: personsOf(sum.persons),
        records: recordsOf(sum.files, sum.accesses),
      })),
  }
}

function personsOf(names: Set<string>): Estimate {
  const examples = [...names].sort().slice(0, examplesMax)
  const quoted = examples.map((name) => `"${name.replaceAll('"', '\\"')}"`).join(' or ')
  return {
    count: names.size,
    how: {
      da: 'forskellige brugernavne og mailadresser i de sikrede hændelser, uden maskin- og systemkonti',
      en: 'distinct user names and mail addresses in the pinned events, without accounts of machines and of the system',
    },
    examples,
    ...(examples.length === 0 ? {} : { query: `user.name: (${quoted})` }),
  }
}

function recordsOf(files: Set<string>, accesses: number): Estimate {
  const byFile = files.size > 0
  return {
    count: byFile ? files.size : accesses,
    how: byFile
      ? {
          da: 'forskellige filer, som de sikrede hændelser viser adgang til',
          en: 'distinct files that the pinned events show access to',
        }
      : {
          da: 'sikrede hændelser om adgang til eller udtræk af data',
          en: 'pinned events of access to data or of its export',
        },
    examples: [...files].sort().slice(0, examplesMax),
    ...(accesses === 0 ? {} : { query: 'event.category: (file or database)' }),
  }
}
