// One instant in every zone that a person may have in mind, for hovering.
import { formatAgo, formatInstant, zoneOffset } from './format.ts'
import type { Zone } from './offset.ts'
import { chosenCaseZone, localZoneName } from './zone.ts'

/** The instant in every way that people ask for, one a line. */
export function everyZone(time: number, now: number): string {
  const third = chosenCaseZone()
  const write = (zone: Zone, name: string) => `${formatInstant(time, zone, 'ms')} ${zoneOffset(time, zone)} (${name})`
  return [
    `${formatInstant(time, 'utc', 'ms')} UTC`,
    write('local', localZoneName),
    ...(third === undefined ? [] : [write(third, third)]),
    formatAgo(time, now),
    `${time} ms`,
  ].join('\n')
}
