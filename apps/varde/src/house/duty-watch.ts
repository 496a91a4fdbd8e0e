// What somebody must be told and was not: messages that do not get through, clocks of a breach that have run far.
import type { Notification } from '@varde/schema'
import type { CaseDesk } from '@varde/triage'
import type { HouseEvent } from './house-event.ts'

/** A message that is not delivered by then is an incident of its own. */
const deliveredMsMax = 2 * 60_000

export function undelivered(notifications: readonly Notification[], now: number): HouseEvent[] {
  return notifications
    .filter(
      ({ status, createdAt }) => status === 'failed' || (status === 'pending' && now - createdAt > deliveredMsMax),
    )
    .filter(({ attempts }) => attempts > 0)
    .map(
      ({ id, channel, kind, severity, createdAt, alert, title }): HouseEvent => ({
        key: `notification-undelivered/${id}`,
        at: createdAt + deliveredMsMax,
        action: 'notification-undelivered',
        message: `${channel}: "${title}" has not been delivered`,
        fields: { varde: { notification: { id, channel, kind, severity, ...(alert === undefined ? {} : { alert }) } } },
      }),
    )
}

type RunningClock = Awaited<ReturnType<CaseDesk['breach']['running']>>[number]

/** One event for each warning that has passed, and one for a time limit that has. */
export function clockWarnings(clocks: readonly RunningClock[], now: number): HouseEvent[] {
  return clocks.flatMap((clock) => {
    const passed = clock.warnings.filter((warning) => warning.passed)
    const due = clock.dueAt
    return [
      ...passed.map(({ hours, at }) => clockEvent(clock, 'clock-warning', at, hours)),
      ...(due !== undefined && now > due ? [clockEvent(clock, 'clock-missed', due, undefined)] : []),
    ]
  })
}

function clockEvent(clock: RunningClock, action: string, at: number, hours: number | undefined): HouseEvent {
  const { regime, clock: name, to, tenant, title, caseTitle } = clock
  return {
    key: `${action}/${clock.case}/${regime}/${name}/${tenant ?? ''}/${hours ?? ''}/${at}`,
    at,
    action,
    message: `${caseTitle}: ${title.en} ${hours === undefined ? 'is past its time' : `has run ${hours} h`}`,
    fields: {
      varde: {
        case: { id: clock.case, title: caseTitle },
        clock: {
          regime,
          name,
          to,
          ...(hours === undefined ? {} : { hours }),
          ...(tenant === undefined ? {} : { tenant }),
        },
      },
    },
  }
}
