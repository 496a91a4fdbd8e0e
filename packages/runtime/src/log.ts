// The process's own log: one JSON line per fact, on stderr, so that results on stdout stay clean.
import { type Logger, pino } from 'pino'

export type { Logger }

/** error = data lost or a person must act; warn = recovered; debug never per event. */
export function createLogger(
  options: { level?: 'silent' | 'error' | 'warn' | 'info' | 'debug'; name?: string } = {},
): Logger {
  return pino(
    { name: options.name ?? 'varde', level: options.level ?? 'info', base: null },
    pino.destination({ dest: 2, sync: true }),
  )
}
