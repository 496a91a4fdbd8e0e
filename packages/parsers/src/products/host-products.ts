// The products that run on hosts: Windows, Samba, Linux daemons, mail, web, backup.
import type { Product } from '../product.ts'
import { backup } from './backup.ts'
import { clamav } from './clamav.ts'
import { exchange } from './exchange.ts'
import { freeradius } from './freeradius.ts'
import { keycloak } from './keycloak.ts'
import { auditd } from './linux/auditd.ts'
import { linuxAuth } from './linux/auth.ts'
import { linuxSyslog } from './linux/syslog.ts'
import { m365Audit } from './m365-audit.ts'
import { mail } from './mail.ts'
import { microsoftDhcp } from './microsoft-dhcp.ts'
import { microsoftDns } from './microsoft-dns.ts'
import { nameAndLeaseServers } from './name-and-lease-servers.ts'
import { nps } from './nps.ts'
import { packageManagers } from './package-managers.ts'
import { qnapNas } from './qnap-nas.ts'
import { sambaAd } from './samba-ad.ts'
import { sqlServer } from './sql-server.ts'
import { iis, webAccess } from './web-access.ts'
import { webError } from './web-error.ts'
import { windows } from './windows/windows.ts'

/** In the order in which detection asks them. */
export const hostProducts: readonly Product[] = [
  sambaAd,
  nps,
  windows,
  auditd,
  freeradius,
  clamav,
  packageManagers,
  backup,
  mail,
  nameAndLeaseServers,
  microsoftDhcp,
  microsoftDns,
  exchange,
  sqlServer,
  iis,
  webAccess,
  webError,
  qnapNas,
  keycloak,
  m365Audit,
  linuxAuth,
  linuxSyslog,
]
