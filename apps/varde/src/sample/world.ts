// The people and machines of a small hosting company: three domains, two firewalls, a VPN. Invented; outside addresses are documentation ranges (RFC 5737) but for
// the homes of the staff, which lie in Danish ranges so that the country table knows them.

export interface Person {
  name: string
  domain: Domain
  /** Where the desk is, and the home that the VPN sees. */
  desk: string
  workstation: string
  home: string
  sid: number
}

export interface Domain {
  name: string
  realm: string
  controller: string
  controllerAddress: string
  sid: string
}

export const internal: Domain = {
  name: 'NORDVARDE',
  realm: 'nordvarde.test',
  controller: 'dc1.nordvarde.test',
  controllerAddress: '10.20.0.10',
  sid: 'S-1-5-21-1004336348-1177238915-682003330',
}
export const cloud: Domain = {
  name: 'CLOUD',
  realm: 'cloud.nordvarde.test',
  controller: 'dc1.cloud.nordvarde.test',
  controllerAddress: '10.40.0.10',
  sid: 'S-1-5-21-2127521184-1604012920-1887927527',
}
/** Samba is the controller here. */
export const hosting: Domain = {
  name: 'HOSTING',
  realm: 'hosting.nordvarde.test',
  controller: 'dc1.hosting.nordvarde.test',
  controllerAddress: '10.60.0.10',
  sid: 'S-1-5-21-827638902-1928034932-1327213671',
}

const first = [
  'anders',
  'birgit',
  'camilla',
  'dorthe',
  'emil',
  'freja',
  'gustav',
  'hanne',
  'ida',
  'jakob',
  'karen',
  'lars',
  'maja',
  'niels',
  'oliver',
  'pia',
  'rasmus',
  'signe',
  'thomas',
  'ulla',
  'viggo',
  'astrid',
  'bo',
  'clara',
]
const last = ['lund', 'krogh', 'bach', 'dahl', 'friis', 'juhl', 'lassen', 'munk', 'riis', 'storm', 'toft', 'vinther']

export const staff: Person[] = first.map((name, index) => ({
  name: `${name}.${last[index % last.length] ?? 'lund'}`,
  domain: index % 4 === 3 ? cloud : internal,
  desk: `10.20.1.${20 + index}`,
  workstation: `WS-${String(100 + index)}`,
  home: `87.48.${10 + index}.${40 + index * 3}`,
  sid: 1_110 + index,
}))

export const administrators: [Person, Person] = [
  { name: 'adm-anna', domain: internal, desk: '10.20.9.5', workstation: 'PAW-1', home: '80.62.117.20', sid: 1_105 },
  { name: 'adm-soren', domain: internal, desk: '10.20.9.6', workstation: 'PAW-2', home: '2.104.44.8', sid: 1_106 },
]

/** Works at the help desk, and is the one whose password is guessed. */
export const victim: Person = {
  name: 'mette.holm',
  domain: internal,
  desk: '10.20.1.77',
  workstation: 'WS-177',
  home: '85.83.2.9',
  sid: 1_177,
}

export const serviceAccounts = ['svc-sql', 'svc-backup', 'svc-web', 'svc-monitor'] as const
export const servers = [
  'fs1.nordvarde.test',
  'web1.nordvarde.test',
  'db1.nordvarde.test',
  'backup1.nordvarde.test',
  'mail1.nordvarde.test',
] as const
export const serverAddress: Record<string, string> = {
  'fs1.nordvarde.test': '10.20.2.11',
  'web1.nordvarde.test': '10.30.0.21',
  'db1.nordvarde.test': '10.30.0.31',
  'backup1.nordvarde.test': '10.20.2.40',
  'mail1.nordvarde.test': '10.30.0.25',
}

export const attacker = '203.0.113.66'
export const scanner = '198.51.100.23'
export const publicAddress = '192.0.2.10'
