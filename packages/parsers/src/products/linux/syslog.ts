// Any program's syslog lines on Linux, BSD and macOS: time, host, program and message; cron's commands besides.
import { dissect } from '../../formats/dissect.ts'
import { add, put } from '../../normalise/document.ts'
import {
  putSyslogHeader,
  putSyslogHost,
  putSyslogPriority,
  putSyslogProcess,
  putSyslogTime,
} from '../../normalise/syslog-fields.ts'
import type { Product } from '../../product.ts'

const cron = dissect('(<user>) CMD (<command>')

export const linuxSyslog: Product = {
  name: 'linux_syslog',
  datasets: ['system.syslog'],
  detect({ syslog, message }) {
    const { app } = syslog
    if (app === undefined) return 0
    if ((app === 'CRON' || app === 'cron' || app === 'crond') && message.startsWith('(')) return 0.9
    return app === 'systemd' || app === 'kernel' || app === 'rsyslogd' || app === 'syslogd' ? 0.4 : 0
  },
  parse(record, document) {
    putSyslogTime(document, record)
    putSyslogPriority(document, record)
    putSyslogHeader(document, record)
    putSyslogHost(document, record)
    putSyslogProcess(document, record)
    put(document, 'message', record.message.trimEnd())
    const command = cron(record.message)
    if (command !== undefined) {
      put(document, 'event.action', 'cron-command')
      put(document, 'event.category', ['process'])
      put(document, 'event.type', ['start'])
      put(document, 'user.name', command['user'])
      add(document, 'related.user', command['user'])
      put(document, 'process.command_line', command['command']?.replace(/\)\s*$/, ''))
    }
    return true
  },
}
