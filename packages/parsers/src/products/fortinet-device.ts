// Which of Fortinet's products wrote a line: their serial numbers begin with the model.
import type { LogRecord } from '../log-record.ts'

/** The model in `devid="FGT60F…`, `device_id=FE200…`: its first four characters; '' where the line names none near its beginning. */
export function deviceOf({ text, bodyAt }: LogRecord): string {
  let at = text.indexOf('devid=', bodyAt)
  if (at >= 0) at += 6
  else {
    at = text.indexOf('device_id=', bodyAt)
    if (at < 0) return ''
    at += 10
  }
  if (at - bodyAt > 400) return ''
  if (text.charCodeAt(at) === 0x22) at++
  return text.charCodeAt(at) === 0x46 ? text.slice(at, at + 4) : ''
}
