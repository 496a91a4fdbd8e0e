// What a running part of a process looks like to the supervisor.

export interface Service {
  name: string
  /** Resolves when it is ready to serve. */
  start(): Promise<void>
  /** Drains and closes; safe to call twice. */
  stop(): Promise<void>
  /** Rejects or reports when it can't go on by itself. */
  failed?: Promise<never>
}
