// The tactics of ATT&CK, in the order of an intrusion: the phases of a timeline.
export const phases = [
  'reconnaissance',
  'resource-development',
  'initial-access',
  'execution',
  'persistence',
  'privilege-escalation',
  'defense-evasion',
  'credential-access',
  'discovery',
  'lateral-movement',
  'collection',
  'command-and-control',
  'exfiltration',
  'impact',
] as const

export const phaseOptions = phases.map((value) => ({ value, label: value.replaceAll('-', ' ') }))
