// The message ids of Cisco ASA and Secure Firewall (FTD), their sentences and what they mean.
// Source: "Cisco Secure Firewall ASA Series Syslog Messages" (cisco.com/c/en/us/td/docs/security/asa/syslog/b_syslog.html) and
// "Cisco Secure Firewall Threat Defense Syslog Messages". Runs of blanks are one blank here; `Group <g> User <u> IP <i>` and
// `Group = g, Username = u, IP = i,` before a sentence are read by the caller, so they are not repeated in each.

/** What a message says happened, in ECS terms; see meanings.ts. */
export type Meaning =
  | 'denied'
  | 'unmatched'
  | 'discarded'
  | 'acl'
  | 'flowCreated'
  | 'flowEnded'
  | 'flowTerminated'
  | 'offloadStarted'
  | 'offloadEnded'
  | 'natCreated'
  | 'natDeleted'
  | 'noRoute'
  | 'duplicateSyn'
  | 'bypass'
  | 'fileTransfer'
  | 'urlAllowed'
  | 'urlDenied'
  | 'dynamicFilter'
  | 'dynamicFilterDropped'
  | 'shunned'
  | 'scan'
  | 'configuration'
  | 'command'
  | 'privilege'
  | 'userAdded'
  | 'userDeleted'
  | 'lockedOut'
  | 'unlocked'
  | 'loggedIn'
  | 'logonFailed'
  | 'loggedOut'
  | 'sshEnded'
  | 'serverFailed'
  | 'serverActive'
  | 'vpnConnected'
  | 'vpnSessionStarted'
  | 'vpnDisconnected'
  | 'vpnEnded'
  | 'vpnStarted'
  | 'vpnResumed'
  | 'vpnError'
  | 'vpnRefused'
  | 'vpnInfo'
  | 'vpnAddress'
  | 'vpnAccess'
  | 'saCreated'
  | 'saDeleted'
  | 'ikeStarted'
  | 'ikeFailed'
  | 'negotiated'
  | 'phaseCompleted'
  | 'ikeDuplicate'
  | 'tlsStarted'
  | 'tlsInfo'
  | 'tlsEnded'
  | 'tlsFailed'
  | 'addressOk'
  | 'addressFailed'
  | 'preallocated'
  | 'switchover'
  | 'info'
  | 'intrusion'

type Row = readonly [ids: string, meaning: Meaning, ...sentences: string[]]

export const messages: readonly Row[] = [
  // Access lists and packets that were refused.
  ['106001', 'denied', '{direction} {transport} connection denied from {src} to {dst} flags {_} on interface {srcif}'],
  ['106002', 'denied', '{transport} Connection denied by outbound list {acl} src {src} dest {dst}'],
  ['106006', 'denied', 'Deny {direction} {transport} from {src} to {dst} on interface {srcif}'],
  ['106007', 'denied', 'Deny {direction} {transport} from {src} to {dst} due to {dns}'],
  ['106010', 'denied', 'Deny {direction} {protocol} src {src} dst {dst}'],
  ['106011', 'denied', 'Deny {direction} (No xlate) {protocol} src {src} dst {dst}'],
  ['106012', 'denied', 'Deny IP from {src} to {dst}, {reason}'],
  ['106013', 'denied', 'Dropping echo request from {src} to PAT address {dst}'],
  [
    '106014',
    'denied',
    'Deny {direction} {transport} src {src} dst {dst}(type {icmptype}, code {icmpcode})',
    'Deny {direction} {transport} src {src} dst {dst}',
  ],
  ['106015', 'denied', 'Deny {transport} (no connection) from {src} to {dst} flags {_} on interface {srcif}'],
  ['106016', 'denied', 'Deny IP spoof from ({src}) to {dst} on interface {srcif}'],
  ['106017', 'denied', 'Deny IP due to Land Attack from {src} to {dst}'],
  ['106018', 'denied', 'ICMP packet type {icmptype} denied by outbound list {acl} src {src} dest {dst}'],
  ['106020', 'denied', 'Deny IP teardrop fragment (size = {_}, offset = {_}) from {src} to {dst}'],
  [
    '106021 106022',
    'denied',
    'Deny {transport} reverse path check from {src} to {dst} on interface {srcif}',
    'Deny {transport} connection spoof from {src} to {dst} on interface {srcif}',
  ],
  [
    '106023',
    'denied',
    'Deny {protocol} src {src} dst {dst} (type {icmptype}, code {icmpcode}) by access-group "{acl}"',
    'Deny {protocol} src {src} dst {dst} type {icmptype}, code {icmpcode}, by access-group "{acl}"',
    'Deny {protocol} src {src} dst {dst} by access-group "{acl}"',
    'Deny {protocol} src {src} dst {dst} by access-group {acl} ',
  ],
  [
    '106025 106026',
    'denied',
    'Failed to determine the security context for the packet:{_}:{src} {dst} {sport} {dport} {protocol}',
  ],
  ['106027', 'denied', 'Deny src {src} dst {dst} by access-group "{acl}"'],
  ['106100', 'acl', 'access-list {acl} {verdict} {protocol} {slashsrc} -> {slashdst} hit-cnt'],
  ['106102 106103', 'acl', 'access-list {acl} {verdict} {protocol} for user {user} {slashsrc} -> {slashdst} hit-cnt'],
  ['109023', 'denied', 'User from {src} to {dst} on interface {srcif} must authenticate before using this service'],
  [
    '209003 209004 209005',
    'denied',
    '{reason}: src = {src}, dest = {dst}, proto = {protocol}, id',
    '{reason}, proto = {protocol}, id',
  ],
  [
    '313001 313008',
    'denied',
    'Denied {icmp} type={icmptype}, code={icmpcode} from {src} on interface {srcif}',
    'Denied {icmp} type={icmptype}, from {src} on interface {srcif}',
  ],
  ['313004', 'denied', 'Denied {icmp} type={icmptype}, from laddr {src} on interface {srcif} to {dst}: {_}'],
  [
    '313005',
    'unmatched',
    'No matching connection for ICMP error message: {transport} src {src} dst {dst} (type {icmptype}, code {icmpcode}) on {_} interface. Original IP payload: {_} src {inner} dst {innerdst}',
    'No matching connection for ICMP error message: {transport} src {src} dst {dst} (type {icmptype}, code {icmpcode}) on {_} interface',
  ],
  [
    '313009',
    'denied',
    'Denied invalid {icmp} code {icmpcode}, for {src} ({srcmapped}) to {dst} ({dstmapped}), ICMP id {_}, ICMP type {icmptype}',
  ],
  ['322001', 'denied', 'Deny MAC address {srcmac}, possible spoof attempt on interface {srcif}'],
  ['401004', 'shunned', 'Shunned packet: {src} ==> {dst} on interface {srcif}'],
  ['407001', 'denied', 'Deny traffic for local-host {src}, license limit of {_} exceeded'],
  ['410001', 'denied', 'Dropped {transport} DNS {_} from {src} to {dst}; {reason}'],
  ['416001', 'denied', 'Dropped {transport} SNMP packet from {src} to {dst}; {reason}'],
  ['418001', 'denied', 'Through-the-device packet to/from management-only network is denied: {protocol} '],
  ['419001', 'denied', 'Dropping {transport} packet from {src} to {dst}, reason: {reason}'],
  ['420001', 'denied', '{_}, dropping {protocol} packet {src} to {dst}'],
  [
    '420002 420003',
    'denied',
    'IPS requested to drop {protocol} packet from {src} to {dst}',
    'IPS requested to drop {protocol} packets {src} to {dst}',
    'IPS requested to reset {protocol} connection from {src} to {dst}',
  ],
  ['431001 431002', 'denied', '{_} Dropping {_} packet from {src} to {dst}, Drop reason: {reason}'],
  ['434002', 'denied', 'SFR requested to drop {protocol} packet from {src} to {dst}'],
  ['434003', 'denied', 'SFR requested to reset {protocol} connection from {src} to {dst}'],
  ['450001', 'denied', 'Deny traffic for protocol {ipproto} src {src} dst {dst}, licensed host limit'],
  [
    '500003',
    'denied',
    'Bad {transport} hdr length (hdrlen={_}, pktlen={_}) from {src} to {dst}, flags: {_}, on interface {srcif}',
  ],
  ['500004', 'unmatched', 'Invalid transport field for protocol={protocol}, from {src} to {dst}'],
  ['710003', 'denied', '{transport} access denied by ACL from {src} to {dst}'],
  ['710004', 'denied', '{transport} connection limit exceeded from {src} to {dst} (current'],
  ['710005 710006', 'discarded', '{protocol} request discarded from {src} to {dst}'],
  ['710001 710002', 'acl', '{transport} access {verdict} from {src} to {dst}'],
  [
    '201003 201010 201011 201013',
    'denied',
    '{reason} for {_} packet from {src} to {dst} on interface {srcif}',
    '{reason} for {src} ({_}) {dst} on interface {srcif}',
  ],
  ['305005', 'denied', 'No translation group found for {protocol} src {src} dst {dst}'],
  [
    '305006',
    'unmatched',
    '{_} translation creation failed for {protocol} src {src} dst {dst} (type {icmptype}, code {icmpcode})',
    '{_} translation creation failed for {protocol} src {src} dst {dst}',
  ],
  [
    '305013',
    'unmatched',
    'Asymmetric NAT rules matched for forward and reverse flows; Connection for {protocol} src {src} dst {dst} denied due to {reason}',
    'Asymmetric NAT rules matched for forward and reverse flows; Connection {protocol} src {src} dst {dst} denied due to {reason}',
  ],
  ['113042', 'unmatched', 'Non-HTTP connection from {src} to {dst} denied by redirect filter'],
  [
    '210007',
    'unmatched',
    'LU allocate xlate failed for {_} {protocol} translation from {src} ({srcmapped}) to {dst} ({dstmapped})',
  ],
  // Connections and translations.
  [
    '302013 302015 302017',
    'flowCreated',
    'Built {direction} {transport} connection {connection} for {src} ({srcmapped}) to {dst} ({dstmapped}){dstuser}',
    'Built {direction} {transport} connection {connection} from {src} ({srcmapped}) to {dst} ({dstmapped}){dstuser}',
  ],
  [
    '302014 302016 302018',
    'flowEnded',
    'Teardown Probe {transport} connection {connection} for {src} to {dst} duration {duration} bytes {bytes}',
    'Teardown {transport} connection {connection} for {src} to {dst} duration {duration} bytes {bytes}',
    'Teardown {transport} connection {connection} from {src} to {dst} duration {duration} bytes {bytes}',
  ],
  [
    '302020',
    'flowCreated',
    'Built {direction} {icmpnet} connection for faddr {faddr} gaddr {gaddr} laddr {laddr} type {icmptype} code {icmpcode}',
    'Built {direction} {icmpnet} connection for faddr {faddr} gaddr {gaddr} laddr {laddr}',
  ],
  [
    '302021',
    'flowEnded',
    'Teardown {icmp} connection for faddr {faddr} gaddr {gaddr} laddr {laddr} type {icmptype} code {icmpcode}',
    'Teardown {icmp} connection for faddr {faddr} gaddr {gaddr} laddr {laddr}',
  ],
  [
    '302022 302024 302026',
    'flowCreated',
    'Built {_} stub {protocol} connection for {src} ({stubmapped}) to {dst} ({stubmapped})',
  ],
  [
    '302023 302025 302027',
    'flowEnded',
    'Teardown stub {protocol} connection for {src} to {dst} duration {duration} forwarded bytes {bytes}',
  ],
  ['302010', 'info', '{inuse} in use, {mostused} most used'],
  [
    '302303',
    'flowCreated',
    'Built {transport} state-bypass connection {connection} from {src} ({srcmapped}) to {dst} ({dstmapped}){dstuser}',
  ],
  [
    '302304',
    'flowEnded',
    'Teardown {transport} state-bypass connection {connection} from {src} to {dst} duration {duration} bytes {bytes}',
  ],
  [
    '302305',
    'flowCreated',
    'Built SCTP state-bypass connection {connection} for {src} ({srcmapped}) to {dst} ({dstmapped}){dstuser}',
  ],
  [
    '302306',
    'flowEnded',
    'Teardown SCTP state-bypass connection {connection} for {src} to {dst} duration {duration} bytes {bytes}',
  ],
  ['302033', 'flowCreated', 'Pre-allocated H323 GUP Connection for faddr {src} to laddr {dst}'],
  ['305009', 'natCreated', 'Built {_} translation from {src} to {dst}'],
  ['305010', 'natDeleted', 'Teardown {_} translation from {src} to {dst} duration {duration}'],
  ['305011', 'natCreated', 'Built {_} {protocol} translation from {src} to {dst}'],
  ['305012', 'natDeleted', 'Teardown {_} {protocol} translation from {src} to {dst} duration {duration}'],
  ['609001', 'flowCreated', 'Built local-host {src}'],
  ['609002', 'flowEnded', 'Teardown local-host {src} duration {duration}'],
  ['507001 507002', 'flowTerminated', 'Terminating TCP-Proxy connection from {src} to {dst} - {reason}'],
  [
    '507003',
    'flowTerminated',
    '{transport} flow from {src} to {dst} terminated by inspection engine, reason - {_}',
    'The flow of type {transport} from the originating interface: {src} to {dst} terminated by inspection engine, {_}',
  ],
  ['500005', 'flowTerminated', 'connection terminated for {transport} from {src} to {dst} due to {reason}'],
  [
    '108003',
    'flowTerminated',
    'Terminating {_} connection; malicious pattern detected in the mail address from {src} to {dst}. {reason}',
  ],
  [
    '805001',
    'offloadStarted',
    'Offloaded {transport} Flow for connection {connection} from {src} ({srcmapped}) to {dst} ({dstmapped})',
  ],
  [
    '805002',
    'offloadEnded',
    '{transport} Flow is no longer offloaded for connection {connection} from {src} ({srcmapped}) to {dst} ({dstmapped})',
  ],
  ['852001 852002', 'info', 'Received Full Proxy to Lightweight event from application {_} for {_} flow'],
  [
    '434004',
    'bypass',
    'SFR requested ASA to bypass further packet redirection and process {transport} flow from {src} to {dst} locally',
  ],
  ['110002', 'noRoute', '{reason} for {protocol} from {src} to {dst}'],
  ['110003', 'noRoute', '{reason} for {protocol} from {src} to {dst}'],
  ['419002', 'duplicateSyn', 'Duplicate {transport} SYN from {src} to {dst} with different initial sequence number'],
  [
    '303002',
    'fileTransfer',
    'FTP connection from {src} to {dst}, user {clientuser} {_} file {file}',
    'FTP connection from {src} to {dst}, user {clientuser} {_} {file}',
  ],
  [
    '303004',
    'denied',
    'FTP {_} command unsupported - failed strict inspection, terminating connection from {src} to {dst}',
  ],
  [
    '607001 608001 616001',
    'preallocated',
    'Pre-allocate {_} {sipvia} secondary channel for {dst} to {src} from {sipmessage} message',
  ],
  // Web, filters, scans.
  ['304001', 'urlAllowed', '{src} Accessed URL {urldst}:{url}', '{src} Accessed JAVA URL {urldst}:{url}'],
  [
    '304002',
    'urlDenied',
    'Access denied URL {url} SRC {src} DEST {dst} on interface {srcif}',
    'Access denied URL {url} SRC {src} DEST {dst}',
  ],
  [
    '338001 338002 338003 338004 338201 338202',
    'dynamicFilter',
    'Dynamic Filter {_} {_}listed {transport} traffic from {src} ({srcmapped}) to {dst} ({dstmapped}), {side} {_} resolved from {list} list: {listed}, threat-level: {threatlevel}, category: {threatcategory}',
    'Dynamic Filter {_} {_} listed {transport} traffic from {src} ({srcmapped}) to {dst} ({dstmapped}), {side} {_} resolved from {list} list: {listed}',
    'Dynamic Filter {_} {_}listed {transport} traffic from {src} ({srcmapped}) to {dst} ({dstmapped}), {side} {_} resolved from {list} list: {listed}',
  ],
  [
    '338005 338006 338007 338008 338101 338102 338103 338104 338203 338204',
    'dynamicFilterDropped',
    'Dynamic Filter {_} {_}listed {transport} traffic from {src} ({srcmapped}) to {dst} ({dstmapped}), {side} {_} resolved from {list} list: {listed}, threat-level: {threatlevel}, category: {threatcategory}',
    'Dynamic Filter {_} {_}listed {transport} traffic from {src} ({srcmapped}) to {dst} ({dstmapped}), {side} {_} resolved from {list} list: {listed}',
  ],
  ['401002', 'info', 'Shun added: {src} {dst} {sport} {dport}'],
  ['401003', 'info', 'Shun deleted: {src}'],
  [
    '733100',
    'scan',
    '[{burstobject}] drop {burstid} exceeded. Current burst rate is {burstnow} per second, max configured rate is {burstmax}; Current average rate is {burstavg} per second, max configured rate is {burstavgmax}; Cumulative total count is {bursttotal}',
  ],
  ['733101', 'scan', '{scanobject} is targeted', '{scanobject} is attacking', 'Subnet {scanobject} is targeted'],
  ['733102', 'scan', 'Threat-detection adds host {src} to shun list'],
  ['733103', 'scan', 'Threat-detection removes host {src} from shun list'],
  // Configuration and administrators.
  ['111001', 'configuration', 'Begin configuration: {src} writing to'],
  ['111002 111007', 'command', 'Begin configuration: {src} reading from'],
  ['111003', 'configuration', '{src} Erase configuration'],
  ['111004 111005', 'configuration', '{src} end configuration:'],
  [
    '111008',
    'configuration',
    "User '{serveruser}' executed the '{command}' command",
    'User {serveruser} executed the command {command}',
  ],
  ['111009', 'command', "User '{serveruser}' executed cmd: {command}"],
  [
    '111010',
    'configuration',
    "User '{serveruser}', running '{_}' from IP {src}, executed {command}",
    'User {serveruser}, running {_} from IP {src}, executed {command}',
  ],
  ['502101', 'userAdded', 'New user added to local dbase: Uname: {serveruser} Priv: {privnew} '],
  ['502102', 'userDeleted', 'User deleted from local dbase: Uname: {serveruser} Priv: {privold} '],
  ['502103', 'privilege', 'User priv level changed: Uname: {serveruser} From: {privold} To: {privnew}'],
  ['606001 606003', 'loggedIn', 'ASDM {_} number {_} from {src} started', 'ASDM session number {_} from {src} started'],
  ['606002 606004', 'loggedOut', 'ASDM {_} number {_} from {src} ended', 'ASDM session number {_} from {src} ended'],
  ['425005 425006', 'switchover', 'Interface {interface} become {_} in redundant interface {redundant}'],
  // Authentication.
  ['109001', 'info', 'Auth start for user {sourceuser} from {src} to {dst}'],
  ['109002 109010', 'logonFailed', 'Auth from {src} to {dst} failed ({reason}) on interface {srcif}'],
  ['109005', 'loggedIn', 'Authentication succeeded for user {sourceuser} from {src} to {dst} on interface {srcif}'],
  ['109006', 'logonFailed', 'Authentication failed for user {sourceuser} from {src} to {dst} on interface {srcif}'],
  ['109007', 'loggedIn', 'Authorization permitted for user {sourceuser} from {src} to {dst} on interface {srcif}'],
  [
    '109008 109024 109025',
    'logonFailed',
    "Authorization denied (acl={acl}) for user '{sourceuser}' from {src} to {dst} on interface {srcif}",
    'Authorization denied for user {sourceuser} from {src} to {dst} on interface {srcif}',
    'Authorization denied from {src} to {dst} (not authenticated) on interface {srcif}',
  ],
  ['109011', 'loggedIn', "Authen Session Start: user '{sourceuser}'"],
  ['109012', 'loggedOut', "Authen Session End: user '{sourceuser}'"],
  ['109031', 'logonFailed', 'NT Domain Authentication Failed: rejecting guest login for {sourceuser}.'],
  ['109033', 'logonFailed', 'Authentication failed for admin user {sourceuser} from {src}. '],
  ['113003', 'info', 'AAA group policy for user {sourceuser} is being set to {policy}'],
  [
    '113004',
    'loggedIn',
    'AAA user {aaa} Successful: server = {dst} : user = {sourceuser}',
    'AAA user {aaa} Successful: server = {dst}, User = {sourceuser}',
    'AAA user {aaa} Successful: server = {dst} , User = {sourceuser}',
    'AAA user {aaa} Successful : server = {dst} : user = {sourceuser}',
  ],
  [
    '113005',
    'logonFailed',
    'AAA user {_} Rejected: reason = {rejection}: server = {dst} : user = {sourceuser}: user IP = {src}',
    'AAA user {_} Rejected : reason = {rejection} : server = {dst} : user = {sourceuser} : user IP = {src}',
    'AAA user {_} Rejected : reason = {rejection} : server = {dst} : user = : user IP = {src}',
    'AAA user {_} Rejected : reason = {rejection} : server = {dst} : user = {sourceuser}',
    'AAA user {_} Rejected: reason = {rejection}: server = {dst} : user = {sourceuser}',
  ],
  ['113006', 'lockedOut', 'User {sourceuser} locked out on exceeding {_}'],
  ['113007', 'unlocked', 'User {sourceuser} unlocked by {_}'],
  [
    '113008',
    'loggedIn',
    'AAA transaction status ACCEPT : user = {sourceuser}',
    'AAA transaction status ACCEPT: user = {sourceuser}',
    'AAA transaction status {_}: user = {sourceuser}',
  ],
  ['113009', 'loggedIn', 'AAA retrieved default group policy {policy} for user {sourceuser}'],
  ['113010', 'info', 'AAA challenge received for user {sourceuser} from server {dst}'],
  ['113011', 'loggedIn', 'AAA retrieved user specific group policy {policy} for user {sourceuser}'],
  [
    '113012',
    'loggedIn',
    'AAA user {_} Successful: local database: user = {sourceuser}',
    'AAA user {_} Successful : local database : user = {sourceuser}',
  ],
  [
    '113013',
    'logonFailed',
    'AAA unable to complete the request Error: reason = {rejection}: user = {sourceuser}',
    'AAA unable to complete the request Error : reason = {rejection} : user = {sourceuser}',
  ],
  [
    '113014',
    'serverFailed',
    'AAA authentication server not accessible: server = {dst}: user = {sourceuser}',
    'AAA authentication server not accessible : server = {dst} : user = {sourceuser}',
  ],
  [
    '113015',
    'logonFailed',
    'AAA user {_} Rejected : reason = {rejection} : local database : user = {sourceuser} : user IP = {src}',
    'AAA user {_} Rejected: reason = {rejection}: local database: user = {sourceuser}: user IP = {src}',
    'AAA user {_} Rejected : reason = {rejection} : local database : user = {sourceuser}',
    'AAA user {_} Rejected: reason = {rejection}: local database: user = {sourceuser}',
  ],
  [
    '113016',
    'logonFailed',
    'AAA credentials rejected: reason = {rejection}: server = {dst}: user = {sourceuser}: user IP = {src}',
    'AAA credentials rejected : reason = {rejection} : server = {dst} : user = {sourceuser} : user IP = {src}',
    'AAA credentials rejected : reason = {rejection} : server = {dst} : user = {sourceuser}',
    'AAA credentials rejected: reason = {rejection}: server = {dst}: user = {sourceuser}',
  ],
  [
    '113017',
    'logonFailed',
    'AAA credentials rejected : reason = {rejection} : local database : user = {sourceuser} : user IP = {src}',
    'AAA credentials rejected: reason = {rejection}: local database: user = {sourceuser}',
  ],
  [
    '113019',
    'vpnDisconnected',
    'Session disconnected. Session Type: {sessiontype}, Duration: {hms}, Bytes xmt: {xmt}, Bytes rcv: {rcv}, Reason: {reason}',
  ],
  ['113021', 'logonFailed', 'Attempted console login failed. User {sourceuser} did NOT have'],
  ['113022', 'serverFailed', 'AAA Marking {aaaprotocol} server {dst} in aaa-server group {_} as FAILED'],
  ['113023', 'serverActive', 'AAA Marking {aaaprotocol} server {dst} in aaa-server group {_} as ACTIVE'],
  ['308001', 'logonFailed', '{_} enable password incorrect for {_} tries (from {src})'],
  [
    '315011',
    'sshEnded',
    'SSH session from {src} on interface {srcif} for user {sourceuser} disconnected by SSH server, reason: {reason}',
    'SSH session from {src} on interface {srcif} for user {sourceuser} terminated normally',
  ],
  ['605004', 'logonFailed', 'Login denied from {src} to {servicedst} for user "{sourceuser}"'],
  ['605005', 'loggedIn', 'Login permitted from {src} to {servicedst} for user "{sourceuser}"'],
  [
    '611101',
    'loggedIn',
    'User authentication succeeded: IP address: {src}, Uname: {serveruser}',
    'User authentication succeeded: Uname: {serveruser}',
    'User authentication succeeded: IP, {src}, Uname: {serveruser}',
  ],
  [
    '611102',
    'logonFailed',
    'User authentication failed: IP address: {src}, Uname: {serveruser}',
    'User authentication failed: Uname: {serveruser}',
    'User authentication failed: IP = {src}, Uname: {serveruser}',
  ],
  ['611103', 'loggedOut', 'User logged out: Uname: {user}'],
  ['772002 772003 772004', 'logonFailed', 'PASSWORD: {_} login, user {sourceuser}, {reason}'],
  ['109201 109207 109210', 'loggedIn', 'UAUTH: Session={_}, User={sourceuser}, Assigned IP={src}, '],
  // Remote access and IPsec.
  ['113029 113030 113031 113032 113033 113034 113035 113036 113037 113038', 'vpnRefused'],
  ['113039', 'vpnSessionStarted'],
  ['113040', 'vpnRefused', 'Terminating the VPN connection attempt from {group}. Reason: {reason}'],
  [
    '602303',
    'saCreated',
    'IPSEC: An {sadirection} {tunneltype} SA (SPI= {_}) between {src} and {dst} (user= {user}) has been created',
    'IPSEC: An {sadirection} {tunneltype} SA (SPI={_}) between {src} and {dst} (user={user}) has been created',
  ],
  [
    '602304',
    'saDeleted',
    'IPSEC: An {sadirection} {tunneltype} SA (SPI= {_}) between {src} and {dst} (user= {user}) has been deleted',
    'IPSEC: An {sadirection} {tunneltype} SA (SPI={_}) between {src} and {dst} (user={user}) has been deleted',
  ],
  [
    '402114 402115 402116 402117 402118 402119 402120 402121',
    'denied',
    'IPSEC: Received an {_} packet (SPI={_}, sequence number={_}) from {src} (user={user}) to {dst} {reason}',
    'IPSEC: Received an {_} packet (SPI={_}, sequence number={_}) from {src} to {dst} {reason}',
    'IPSEC: Received a non-IPSec packet ({protocol}) from {src} to {dst}',
    'IPSEC: Received an {_} packet from {src} to {dst} {reason}',
  ],
  ['713049', 'negotiated', 'Security negotiation complete for {_} ({peer})'],
  ['713119', 'phaseCompleted', 'PHASE 1 COMPLETED'],
  ['713120', 'phaseCompleted', '{reason} (msgid={eventid})'],
  ['713202', 'ikeDuplicate', '{reason}. Ignoring packet'],
  ['713050 713259', 'vpnEnded', '{reason}'],
  ['713901 713902', 'vpnError', '{reason}'],
  ['713903', 'info', '{_}'],
  ['713904 713905 713906', 'info', '{reason}'],
  ['713166 713167 713198', 'logonFailed', '{reason}'],
  ['713228', 'vpnAddress', 'Assigned private IP address {assigned} to remote user', '{reason}'],
  ['713184', 'vpnInfo', 'Client Type: {useragent}'],
  ['716001', 'vpnConnected', 'WebVPN session started'],
  ['716002', 'vpnDisconnected', 'WebVPN session terminated: {reason}', 'WebVPN session terminated'],
  ['716003', 'vpnAccess', 'WebVPN access GRANTED: {quotedurl}'],
  ['716004', 'urlDenied', 'WebVPN access DENIED to specified location: {quotedurl}'],
  ['716007 716046 716047', 'vpnError', '{reason}'],
  [
    '716038',
    'loggedIn',
    'Authentication: successful, Session Type: {sessiontype}',
    'Authentication: successful, group = {group} user = {sourceuser}, Session Type: {sessiontype}',
    'Authentication: successful, group = {group} user = {sourceuser} , Session Type: {sessiontype}',
  ],
  [
    '716039',
    'logonFailed',
    'Authentication: rejected, group = {group} user = {sourceuser} , Session Type: {sessiontype}',
    'Authentication: rejected, group = {group} user = {sourceuser}, Session Type: {sessiontype}',
    'Authentication: rejected, Session Type: {sessiontype}',
  ],
  ['716040', 'vpnRefused', '{reason}'],
  ['716058', 'vpnDisconnected', 'AnyConnect session lost connection'],
  [
    '716059',
    'vpnResumed',
    'AnyConnect session resumed. Connection from {resumed}',
    'AnyConnect session resumed connection from IP {resumed}',
  ],
  ['721016', 'vpnConnected', '({device}) WebVPN session for client user {sourceuser}, {_} {dst} has been created'],
  ['721018', 'vpnDisconnected', '({device}) WebVPN session for client user {sourceuser}, {_} {dst} has been deleted'],
  ['722010 722011 722012', 'vpnInfo', 'SVC Message: {reason}'],
  ['722020 722041', 'vpnError', 'TunnelGroup {tunnelgroup} GroupPolicy {policy} User {sourceuser} IP {src} {reason}'],
  ['722022 722032 722033 722034', 'vpnStarted', '{reason}'],
  ['722023 722028 722037 722038', 'vpnEnded', '{reason}'],
  ['722030 722031', 'vpnEnded', '{reason}'],
  ['722051', 'vpnAddress', '{assignedreason}'],
  ['722055', 'vpnInfo', 'Client Type: {useragent}'],
  [
    '734001 734003',
    'vpnInfo',
    'DAP: User {sourceuser}, Addr {src}, Connection {_}: {reason}',
    'DAP: User {sourceuser}, Addr {src}: {reason}',
  ],
  [
    '734002',
    'vpnRefused',
    'DAP: User {sourceuser}, Addr {src}: {reason}',
    'DAP: User {sourceuser}, Addr {src}, Connection {_}: {reason}',
  ],
  [
    '725001',
    'tlsStarted',
    'Starting SSL handshake with {peertype} {src} to {dst} for {tls} session',
    'Starting SSL handshake with {peertype} {src} for {tls} session',
  ],
  [
    '725002',
    'tlsInfo',
    'Device completed SSL handshake with {peertype} {src} to {dst} for {tls} session',
    'Device completed SSL handshake with {peertype} {src} for {tls} session',
    'Device completed SSL handshake with {peertype} {src}',
  ],
  [
    '725003',
    'tlsInfo',
    'SSL {peertype} {src} to {dst} request to resume previous session',
    'SSL {peertype} {src} request to resume previous session',
  ],
  [
    '725006',
    'tlsFailed',
    'Device failed SSL handshake with {peertype} {src} to {dst}',
    'Device failed SSL handshake with {peertype} {src}',
  ],
  [
    '725007',
    'tlsEnded',
    'SSL session with {peertype} {src} to {dst} terminated',
    'SSL session with {peertype} {src} terminated',
  ],
  [
    '725016',
    'tlsInfo',
    'Device selects trust-point {trustpoint} for {peertype} {src} to {dst}',
    'Device selects trust-point {trustpoint} for {peertype} {src}',
  ],
  [
    '737001 737006 737017 737026 737016',
    'addressOk',
    'IPAA: Session={session}, Client assigned {pooladdress} from local pool {pool}',
    'IPAA: Client assigned {pooladdress} from local pool {pool}',
    'IPAA: Session={session}, Freeing local pool {pool} address {pooladdress}',
    'IPAA: Freeing local pool {pool} address {pooladdress}',
    'IPAA: Session={session}, {_} for tunnel-group {tunnelgroup}',
    'IPAA: {_} for tunnel-group {tunnelgroup}',
  ],
  [
    '737002 737003 737005 737007 737008 737009 737010 737011 737018 737019 737028 737029',
    'addressFailed',
    'IPAA: Session={session}, {_} for tunnel-group {tunnelgroup}',
    'IPAA: {_} for tunnel-group {tunnelgroup}',
    'IPAA: {reason}',
  ],
  ['737034', 'addressFailed', 'IPAA: Session={session}, {reason}', 'IPAA: {reason}'],
  ['750001 750002', 'ikeStarted', 'Local:{localaddr} Remote:{remoteaddr} Username:{user} {reason}'],
  ['750003', 'ikeFailed', 'Local:{localaddr} Remote:{remoteaddr} Username:{user} {ikereason}'],
  [
    '750006',
    'saCreated',
    'Local:{localaddr} Remote:{remoteaddr} Username:{user} SA UP. Reason: {reason}',
    'Local:{localaddr} Remote:{remoteaddr} Username:{user} {reason}',
  ],
  [
    '750007',
    'saDeleted',
    'Local:{localaddr} Remote:{remoteaddr} Username:{user} SA DOWN. Reason: {reason}',
    'Local:{localaddr} Remote:{remoteaddr} Username:{user} {reason}',
  ],
  [
    '751011 751014 751015 751018 751019 751020 751022',
    'ikeFailed',
    'Local: {localaddr} Remote: {remoteaddr} Username: {user} {reason}',
    'Local:{localaddr} Remote:{remoteaddr} Username:{user} {reason}',
  ],
  [
    '751025',
    'vpnConnected',
    'Local: {localaddr} Remote: {remoteaddr} Username: {user} {reason}',
    'Local:{localaddr} Remote:{remoteaddr} Username:{user} {reason}',
  ],
  ['746012', 'loggedIn', 'user-identity: Add IP-User mapping {src} - {user} {_}'],
  ['746013', 'loggedOut', 'user-identity: Delete IP-User mapping {src} - {user} {_}'],
]
