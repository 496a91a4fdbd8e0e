// What the messages of ASA and FTD mean in ECS: action, category, type, outcome, as Elastic's packages for them have it.
import { type EventDocument, put } from '../../normalise/document.ts'
import type { Meaning } from './messages.ts'

interface Categorisation {
  action?: string
  category: readonly string[]
  type: readonly string[]
  outcome?: 'success' | 'failure'
}

const network = ['network']
const authentication = ['authentication', 'network']
const started = ['connection', 'start']
const ended = ['connection', 'end']
const connectionInfo = ['connection', 'info']

// A denial is the success of the firewall's rule: so Elastic's cisco_asa package; its cisco_ftd package says failure.
const categorisations: Record<Meaning, Categorisation> = {
  denied: { action: 'firewall-rule', category: network, type: ['connection', 'denied'], outcome: 'success' },
  /** What belongs to no connection or translation, or to none that is valid. */
  unmatched: { action: 'firewall-rule', category: network, type: ['connection', 'denied'], outcome: 'success' },
  discarded: { action: 'firewall-rule', category: network, type: ['connection', 'denied'], outcome: 'failure' },
  acl: { action: 'firewall-rule', category: network, type: ['connection', 'allowed'], outcome: 'success' },
  flowCreated: { action: 'flow-creation', category: network, type: started, outcome: 'success' },
  flowEnded: { action: 'flow-expiration', category: network, type: ended, outcome: 'success' },
  flowTerminated: { action: 'flow-termination', category: network, type: ended },
  offloadStarted: { action: 'flow-offload-started', category: network, type: started, outcome: 'success' },
  offloadEnded: { action: 'flow-offload-ended', category: network, type: ended, outcome: 'success' },
  natCreated: { action: 'nat-slot', category: ['network', 'configuration'], type: ['creation'], outcome: 'success' },
  natDeleted: { action: 'nat-slot', category: ['network', 'configuration'], type: ['deletion'], outcome: 'success' },
  noRoute: { action: 'firewall-rule', category: network, type: connectionInfo, outcome: 'failure' },
  duplicateSyn: { action: 'firewall-rule', category: network, type: connectionInfo },
  bypass: { action: 'bypass', category: network, type: ['info'] },
  fileTransfer: { action: 'ftp', category: ['network', 'file'], type: ['access'], outcome: 'success' },
  urlAllowed: { action: 'url-access', category: network, type: ['access', 'allowed'], outcome: 'success' },
  urlDenied: { action: 'url-access', category: network, type: ['access', 'denied'], outcome: 'success' },
  dynamicFilter: { action: 'dynamic-filter', category: network, type: connectionInfo },
  dynamicFilterDropped: {
    action: 'dynamic-filter',
    category: network,
    type: ['connection', 'denied'],
    outcome: 'success',
  },
  shunned: { action: 'firewall-rule', category: network, type: ['connection', 'denied'], outcome: 'success' },
  scan: { category: network, type: ['info'] },
  configuration: { action: 'configuration', category: ['configuration'], type: ['change'], outcome: 'success' },
  command: { action: 'configuration', category: ['configuration'], type: ['info'], outcome: 'success' },
  privilege: { action: 'privilege-level-changed', category: ['iam'], type: ['user', 'change'], outcome: 'success' },
  userAdded: { action: 'user-added', category: ['iam'], type: ['user', 'creation'], outcome: 'success' },
  userDeleted: { action: 'user-deleted', category: ['iam'], type: ['user', 'deletion'], outcome: 'success' },
  lockedOut: {
    action: 'user-locked-out',
    category: ['iam', 'authentication'],
    type: ['user', 'change'],
    outcome: 'success',
  },
  unlocked: { action: 'user-unlocked', category: ['iam'], type: ['user', 'change'], outcome: 'success' },
  loggedIn: { action: 'logged-in', category: authentication, type: ['allowed', 'info'], outcome: 'success' },
  logonFailed: { action: 'logon-failed', category: authentication, type: ['denied', 'info'], outcome: 'failure' },
  loggedOut: { action: 'logged-out', category: authentication, type: ['info'], outcome: 'success' },
  sshEnded: { action: 'ssh-session-ended', category: network, type: ended },
  serverFailed: { action: 'server-failed', category: network, type: ['info'], outcome: 'failure' },
  serverActive: { action: 'server-active', category: network, type: ['info'], outcome: 'success' },
  vpnConnected: { action: 'client-vpn-connected', category: network, type: started, outcome: 'success' },
  vpnSessionStarted: {
    action: 'client-vpn-connected',
    category: ['network', 'session'],
    type: started,
    outcome: 'success',
  },
  vpnDisconnected: { action: 'client-vpn-disconnected', category: network, type: ended, outcome: 'success' },
  vpnResumed: { action: 'client-vpn-resumed', category: network, type: started, outcome: 'success' },
  vpnStarted: { category: network, type: started, outcome: 'success' },
  vpnEnded: { category: network, type: ended, outcome: 'success' },
  vpnError: { action: 'client-vpn-error', category: network, type: ['info'], outcome: 'failure' },
  vpnRefused: { action: 'client-vpn-error', category: network, type: ['connection', 'denied'], outcome: 'failure' },
  vpnInfo: { category: network, type: connectionInfo },
  vpnAddress: { action: 'address-assigned', category: network, type: connectionInfo, outcome: 'success' },
  vpnAccess: { category: authentication, type: ['allowed'], outcome: 'success' },
  saCreated: { action: 'sa-created', category: network, type: started, outcome: 'success' },
  saDeleted: { action: 'sa-deleted', category: network, type: ended, outcome: 'success' },
  ikeStarted: { action: 'connection-started', category: network, type: started, outcome: 'success' },
  ikeFailed: { category: network, type: started, outcome: 'failure' },
  ikeDuplicate: { action: 'firewall-rule', category: network, type: connectionInfo },
  negotiated: { action: 'firewall-rule', category: network, type: started, outcome: 'success' },
  phaseCompleted: { action: 'firewall-rule', category: network, type: connectionInfo, outcome: 'success' },
  tlsStarted: { category: network, type: started, outcome: 'success' },
  tlsInfo: { category: network, type: connectionInfo, outcome: 'success' },
  tlsEnded: { category: network, type: ended, outcome: 'success' },
  tlsFailed: { category: network, type: connectionInfo, outcome: 'failure' },
  addressOk: { category: network, type: connectionInfo, outcome: 'success' },
  addressFailed: { category: network, type: connectionInfo, outcome: 'failure' },
  preallocated: { action: 'firewall-rule', category: network, type: ['info'], outcome: 'success' },
  switchover: { action: 'interface-switchover', category: network, type: ['info'] },
  info: { category: network, type: ['info'] },
  intrusion: { action: 'intrusion-detected', category: ['intrusion_detection'], type: ['info'] },
}

/** Meanings that FTD's package tells apart; all others of a flow are `firewall-rule`, `info` there. */
const keptByFtd = new Set<Meaning>([
  'loggedIn',
  'logonFailed',
  'loggedOut',
  'privilege',
  'userAdded',
  'userDeleted',
  'configuration',
  'command',
  'vpnConnected',
  'vpnSessionStarted',
  'vpnError',
  'vpnRefused',
  'lockedOut',
  'unlocked',
])

export function putMeaning(document: EventDocument, meaning: Meaning, verdict: string | undefined, ftd: boolean): void {
  const { action, category, type, outcome } = ftd ? ofFtd(meaning, verdict) : categorisations[meaning]
  put(document, 'event.action', action)
  put(document, 'event.category', [...category])
  const denied = !ftd && meaning === 'acl' && verdict === 'denied'
  put(document, 'event.type', denied ? ['connection', 'denied'] : [...type])
  put(document, 'event.outcome', outcome)
}

function ofFtd(meaning: Meaning, verdict: string | undefined): Categorisation {
  const asa = categorisations[meaning]
  switch (meaning) {
    case 'denied':
    case 'discarded':
    case 'urlDenied':
    case 'dynamicFilterDropped':
      return { action: 'firewall-rule', category: network, type: ['info', 'denied'], outcome: 'failure' }
    case 'unmatched':
      return { action: 'firewall-rule', category: network, type: ['info'], outcome: 'failure' }
    case 'dynamicFilter':
    case 'urlAllowed':
      return { action: 'firewall-rule', category: network, type: ['info', 'allowed'], outcome: 'success' }
    case 'acl': {
      const isDenied = verdict === 'denied'
      return {
        action: 'firewall-rule',
        category: network,
        type: ['info', isDenied ? 'denied' : 'allowed'],
        outcome: isDenied ? 'failure' : 'success',
      }
    }
    case 'flowEnded':
    case 'natDeleted':
      return { action: 'flow-expiration', category: network, type: ended }
    case 'vpnDisconnected':
      return { action: 'client-vpn-disconnected', category: network, type: ended }
    case 'saCreated':
      return { action: 'created', category: network, type: ['info', 'start', 'allowed'], outcome: 'success' }
    case 'saDeleted':
      return { action: 'deleted', category: network, type: ['info', 'end', 'allowed'], outcome: 'success' }
    default:
      return keptByFtd.has(meaning) ? asa : { action: 'firewall-rule', category: network, type: ['info'] }
  }
}
