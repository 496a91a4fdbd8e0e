// The host that a syslog header names: only as much of RFC 3164 and 5424 as telling sources apart needs.

// "<34>1 2003-10-11T22:14:15.003Z host …" (RFC 5424 6), "<34>Oct 11 22:14:15 host …" (RFC 3164 4.1), and ISO stamps in the old form.
const header =
  /^(?:<\d{1,3}>)?(?:\d \S+ |[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)? |\d{4}-\d\d-\d\dT\S+ )([A-Za-z0-9][A-Za-z0-9._-]{0,254})(?=[ :])/

const headBytes = 320

export function syslogHostname(raw: Buffer): string | undefined {
  return header.exec(raw.toString('latin1', 0, Math.min(raw.length, headBytes)))?.[1]
}
