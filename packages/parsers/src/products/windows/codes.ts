// What the numbers in Security events mean. Each table names the vendor page or RFC that it is from.

type Names = Record<string, string | undefined>

/** learn.microsoft.com/windows/security/threat-protection/auditing/event-4624, table "Logon types". */
export const logonTypes: Names = {
  '0': 'System',
  '2': 'Interactive',
  '3': 'Network',
  '4': 'Batch',
  '5': 'Service',
  '7': 'Unlock',
  '8': 'NetworkCleartext',
  '9': 'NewCredentials',
  '10': 'RemoteInteractive',
  '11': 'CachedInteractive',
  '12': 'CachedRemoteInteractive',
  '13': 'CachedUnlock',
}

/** …/auditing/event-4625, table "Windows logon status codes". */
export const logonStatuses: Names = {
  '0x0': 'Status OK.',
  '0xc000005e': 'There are currently no logon servers available to service the logon request.',
  '0xc0000064': 'User logon with misspelled or bad user account',
  '0xc000006a': 'User logon with misspelled or bad password',
  '0xc000006d': 'This is either due to a bad username or authentication information',
  '0xc000006e': 'Unknown user name or bad password.',
  '0xc000006f': 'User logon outside authorized hours',
  '0xc0000070': 'User logon from unauthorized workstation',
  '0xc0000071': 'User logon with expired password',
  '0xc0000072': 'User logon to account disabled by administrator',
  '0xc00000dc': 'Indicates the Sam Server was in the wrong state to perform the desired operation.',
  '0xc0000133': 'Clocks between DC and other computer too far out of sync',
  '0xc000015b': 'The user has not been granted the requested logon type (aka logon right) at this machine',
  '0xc000018c':
    'The logon request failed because the trust relationship between the primary domain and the trusted domain failed.',
  '0xc0000192': 'An attempt was made to logon, but the Netlogon service was not started.',
  '0xc0000193': 'User logon with expired account',
  '0xc0000224': 'User is required to change password at next logon',
  '0xc0000225': 'Evidently a bug in Windows and not a risk',
  '0xc0000234': 'User logon with account locked',
  '0xc00002ee': 'Failure Reason: An Error occurred during Logon',
  '0xc0000371': 'The local account store does not contain secret material for the specified account',
  '0xc0000413':
    'Logon Failure: The machine you are logging on to is protected by an authentication firewall. The specified account is not allowed to authenticate to the machine.',
}

/** RFC 4120 §7.5.9 and …/auditing/event-4768, table "TGT/TGS issue error codes". */
export const kerberosResults: Names = {
  '0x0': 'KDC_ERR_NONE',
  '0x1': 'KDC_ERR_NAME_EXP',
  '0x2': 'KDC_ERR_SERVICE_EXP',
  '0x3': 'KDC_ERR_BAD_PVNO',
  '0x4': 'KDC_ERR_C_OLD_MAST_KVNO',
  '0x5': 'KDC_ERR_S_OLD_MAST_KVNO',
  '0x6': 'KDC_ERR_C_PRINCIPAL_UNKNOWN',
  '0x7': 'KDC_ERR_S_PRINCIPAL_UNKNOWN',
  '0x8': 'KDC_ERR_PRINCIPAL_NOT_UNIQUE',
  '0x9': 'KDC_ERR_NULL_KEY',
  '0xa': 'KDC_ERR_CANNOT_POSTDATE',
  '0xb': 'KDC_ERR_NEVER_VALID',
  '0xc': 'KDC_ERR_POLICY',
  '0xd': 'KDC_ERR_BADOPTION',
  '0xe': 'KDC_ERR_ETYPE_NOTSUPP',
  '0xf': 'KDC_ERR_SUMTYPE_NOSUPP',
  '0x10': 'KDC_ERR_PADATA_TYPE_NOSUPP',
  '0x11': 'KDC_ERR_TRTYPE_NO_SUPP',
  '0x12': 'KDC_ERR_CLIENT_REVOKED',
  '0x13': 'KDC_ERR_SERVICE_REVOKED',
  '0x14': 'KDC_ERR_TGT_REVOKED',
  '0x15': 'KDC_ERR_CLIENT_NOTYET',
  '0x16': 'KDC_ERR_SERVICE_NOTYET',
  '0x17': 'KDC_ERR_KEY_EXPIRED',
  '0x18': 'KDC_ERR_PREAUTH_FAILED',
  '0x19': 'KDC_ERR_PREAUTH_REQUIRED',
  '0x1a': 'KDC_ERR_SERVER_NOMATCH',
  '0x1b': 'KDC_ERR_MUST_USE_USER2USER',
  '0x1c': 'KDC_ERR_PATH_NOT_ACCEPTED',
  '0x1d': 'KDC_ERR_SVC_UNAVAILABLE',
  '0x1f': 'KRB_AP_ERR_BAD_INTEGRITY',
  '0x20': 'KRB_AP_ERR_TKT_EXPIRED',
  '0x21': 'KRB_AP_ERR_TKT_NYV',
  '0x22': 'KRB_AP_ERR_REPEAT',
  '0x23': 'KRB_AP_ERR_NOT_US',
  '0x24': 'KRB_AP_ERR_BADMATCH',
  '0x25': 'KRB_AP_ERR_SKEW',
  '0x26': 'KRB_AP_ERR_BADADDR',
  '0x27': 'KRB_AP_ERR_BADVERSION',
  '0x28': 'KRB_AP_ERR_MSG_TYPE',
  '0x29': 'KRB_AP_ERR_MODIFIED',
  '0x2a': 'KRB_AP_ERR_BADORDER',
  '0x2c': 'KRB_AP_ERR_BADKEYVER',
  '0x2d': 'KRB_AP_ERR_NOKEY',
  '0x2e': 'KRB_AP_ERR_MUT_FAIL',
  '0x2f': 'KRB_AP_ERR_BADDIRECTION',
  '0x30': 'KRB_AP_ERR_METHOD',
  '0x31': 'KRB_AP_ERR_BADSEQ',
  '0x32': 'KRB_AP_ERR_INAPP_CKSUM',
  '0x33': 'KRB_AP_PATH_NOT_ACCEPTED',
  '0x34': 'KRB_ERR_RESPONSE_TOO_BIG',
  '0x3c': 'KRB_ERR_GENERIC',
  '0x3d': 'KRB_ERR_FIELD_TOOLONG',
  '0x3e': 'KDC_ERR_CLIENT_NOT_TRUSTED',
  '0x3f': 'KDC_ERR_KDC_NOT_TRUSTED',
  '0x40': 'KDC_ERR_INVALID_SIG',
  '0x41': 'KDC_ERR_KEY_TOO_WEAK',
  '0x42': 'KRB_AP_ERR_USER_TO_USER_REQUIRED',
  '0x43': 'KRB_AP_ERR_NO_TGT',
  '0x44': 'KDC_ERR_WRONG_REALM',
}

/** …/auditing/event-4768, table "Kerberos encryption types". */
export const ticketEncryptionTypes: Names = {
  '0x1': 'DES-CBC-CRC',
  '0x3': 'DES-CBC-MD5',
  '0x11': 'AES128-CTS-HMAC-SHA1-96',
  '0x12': 'AES256-CTS-HMAC-SHA1-96',
  '0x17': 'RC4-HMAC',
  '0x18': 'RC4-HMAC-EXP',
  '0xffffffff': 'FAIL',
}

/** RFC 4120 §5.4.1: bit 0 is the highest of 32. */
const ticketOptions = [
  'Reserved',
  'Forwardable',
  'Forwarded',
  'Proxiable',
  'Proxy',
  'Allow-postdate',
  'Postdated',
  'Invalid',
  'Renewable',
  'Initial',
  'Pre-authent',
  'Opt-hardware-auth',
  'Transited-policy-checked',
  'Ok-as-delegate',
  'Request-anonymous',
  'Name-canonicalize',
  'Unused',
  'Unused',
  'Unused',
  'Unused',
  'Unused',
  'Unused',
  'Unused',
  'Unused',
  'Unused',
  'Unused',
  'Disable-transited-check',
  'Renewable-ok',
  'Enc-tkt-in-skey',
  'Unused',
  'Renew',
  'Validate',
] as const

export function ticketOptionNames(mask: string): string[] {
  const value = maskOf(mask)
  if (value === undefined) return []
  const names: string[] = []
  for (let bit = 31; bit >= 0; bit--) {
    const name = ticketOptions[bit]
    if (((value >>> (31 - bit)) & 1) === 1 && name !== undefined && name !== 'Unused') names.push(name)
  }
  return names
}

/** MS-SAMR §2.2.1.12: the UAC bits as Security events count them (not those of LDAP's userAccountControl). */
const userAccountBits: readonly string[] = [
  'USER_ACCOUNT_DISABLED',
  'USER_HOME_DIRECTORY_REQUIRED',
  'USER_PASSWORD_NOT_REQUIRED',
  'USER_TEMP_DUPLICATE_ACCOUNT',
  'USER_NORMAL_ACCOUNT',
  'USER_MNS_LOGON_ACCOUNT',
  'USER_INTERDOMAIN_TRUST_ACCOUNT',
  'USER_WORKSTATION_TRUST_ACCOUNT',
  'USER_SERVER_TRUST_ACCOUNT',
  'USER_DONT_EXPIRE_PASSWORD',
  'USER_ACCOUNT_AUTO_LOCKED',
  'USER_ENCRYPTED_TEXT_PASSWORD_ALLOWED',
  'USER_SMARTCARD_REQUIRED',
  'USER_TRUSTED_FOR_DELEGATION',
  'USER_NOT_DELEGATED',
  'USER_USE_DES_KEY_ONLY',
  'USER_DONT_REQUIRE_PREAUTH',
  'USER_PASSWORD_EXPIRED',
  'USER_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION',
  'USER_NO_AUTH_DATA_REQUIRED',
  'USER_PARTIAL_SECRETS_ACCOUNT',
  'USER_USE_AES_KEYS',
]

export function userAccountNames(mask: string): string[] {
  return bitNames(mask, userAccountBits)
}

/** MS-DTYP §2.4.3 and MS-ADTS §5.1.3.2: specific rights as the directory names them, then the standard rights. */
const accessBits: readonly (string | undefined)[] = [
  'Create Child',
  'Delete Child',
  'List Contents',
  'SELF',
  'Read Property',
  'Write Property',
  'Delete Treee',
  'List Object',
  'Control Access',
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  'DELETE',
  'READ_CONTROL',
  'WRITE_DAC',
  'WRITE_OWNER',
  'SYNCHRONIZE',
  undefined,
  undefined,
  undefined,
  'ADS_RIGHT_ACCESS_SYSTEM_SECURITY',
  undefined,
  undefined,
  undefined,
  'ADS_RIGHT_GENERIC_ALL',
  'ADS_RIGHT_GENERIC_EXECUTE',
  'ADS_RIGHT_GENERIC_WRITE',
  'ADS_RIGHT_GENERIC_READ',
]

export function accessMaskNames(mask: string): string[] {
  return bitNames(mask, accessBits)
}

function bitNames(mask: string, bits: readonly (string | undefined)[]): string[] {
  const value = maskOf(mask)
  if (value === undefined) return []
  const names: string[] = []
  for (const [bit, name] of bits.entries()) if (name !== undefined && ((value >>> bit) & 1) === 1) names.push(name)
  return names
}

/** A hexadecimal or decimal 32-bit mask. */
export function maskOf(text: string): number | undefined {
  if (text.length === 0 || text.length > 18) return undefined
  const value = Number(text)
  return Number.isInteger(value) && value >= 0 && value <= 0xffffffff ? value >>> 0 : undefined
}

/** …/auditing/event-4697, table "Service types". */
export const serviceTypes: Names = {
  '0x1': 'Kernel Driver',
  '0x2': 'File System Driver',
  '0x8': 'Recognizer Driver',
  '0x10': 'Win32 Own Process',
  '0x20': 'Win32 Share Process',
  '0x110': 'Interactive Own Process',
  '0x120': 'Interactive Share Process',
}

/** …/auditing/event-4706, tables of MS-ADTS §6.1.6.7. */
export const trustTypes: Names = {
  '1': 'TRUST_TYPE_DOWNLEVEL',
  '2': 'TRUST_TYPE_UPLEVEL',
  '3': 'TRUST_TYPE_MIT',
  '4': 'TRUST_TYPE_DCE',
}
export const trustDirections: Names = {
  '0': 'TRUST_DIRECTION_DISABLED',
  '1': 'TRUST_DIRECTION_INBOUND',
  '2': 'TRUST_DIRECTION_OUTBOUND',
  '3': 'TRUST_DIRECTION_BIDIRECTIONAL',
}
export const trustAttributes: Names = {
  '0': 'UNDEFINED',
  '1': 'TRUST_ATTRIBUTE_NON_TRANSITIVE',
  '2': 'TRUST_ATTRIBUTE_UPLEVEL_ONLY',
  '4': 'TRUST_ATTRIBUTE_QUARANTINED_DOMAIN',
  '8': 'TRUST_ATTRIBUTE_FOREST_TRANSITIVE',
  '16': 'TRUST_ATTRIBUTE_CROSS_ORGANIZATION',
  '32': 'TRUST_ATTRIBUTE_WITHIN_FOREST',
  '64': 'TRUST_ATTRIBUTE_TREAT_AS_EXTERNAL',
  '128': 'TRUST_ATTRIBUTE_USES_RC4_ENCRYPTION',
  '512': 'TRUST_ATTRIBUTE_CROSS_ORGANIZATION_NO_TGT_DELEGATION',
  '1024': 'TRUST_ATTRIBUTE_PIM_TRUST',
}

/** `%%nnnn`: texts of msobjs.dll, the parameter messages of the Security log. */
const messages: Names = {
  '279': 'Undefined Access (no effect) Bit 7',
  '1536': 'Unused message ID',
  '1537': 'DELETE',
  '1538': 'READ_CONTROL',
  '1539': 'WRITE_DAC',
  '1540': 'WRITE_OWNER',
  '1541': 'SYNCHRONIZE',
  '1542': 'ACCESS_SYS_SEC',
  '1543': 'MAXIMUM_ALLOWED',
  '1552': 'Unknown specific access (bit 0)',
  '1792': '<Any>',
  '1793': '<value not set>',
  '1794': '<never>',
  '1795': 'Enabled',
  '1796': 'Disabled',
  '1797': 'All',
  '1798': 'None',
  '1799': 'Audit Policy query/set API Operation',
  '1801': 'Granted by',
  '1802': 'Denied by',
  '1805': 'Not granted',
  '1832': 'Identification',
  '1833': 'Impersonation',
  '1840': 'Delegation',
  '1841': 'Denied by Process Trust Label ACE',
  '1842': 'Yes',
  '1843': 'No',
  '1844': 'System',
  '1845': 'Not Available',
  '1936': 'TokenElevationTypeDefault (1)',
  '1937': 'TokenElevationTypeFull (2)',
  '1938': 'TokenElevationTypeLimited (3)',
  '2048': 'Account Enabled',
  '2049': "'Home Directory Required' - Enabled",
  '2050': "'Password Not Required' - Enabled",
  '2080': 'Account Disabled',
  '2082': "'Password Not Required' - Enabled",
  '2089': "'Don't Expire Password' - Enabled",
  '2304': 'An Error occured during Logon.',
  '2305': 'The specified user account has expired.',
  '2306': 'The NetLogon component is not active.',
  '2307': 'Account locked out.',
  '2308': 'The user has not been granted the requested logon type at this machine.',
  '2309': "The specified account's password has expired.",
  '2310': 'Account currently disabled.',
  '2311': 'Account logon time restriction violation.',
  '2312': 'User not allowed to logon at this computer.',
  '2313': 'Unknown user name or bad password.',
  '2314': 'Domain sid inconsistent.',
  '2315': 'Smartcard logon is required and was not used.',
  '4352': 'Not used',
  '4416': 'ReadData (or ListDirectory)',
  '4417': 'WriteData (or AddFile)',
  '4418': 'AppendData (or AddSubdirectory or CreatePipeInstance)',
  '4419': 'ReadEA',
  '4420': 'WriteEA',
  '4421': 'Execute/Traverse',
  '4422': 'DeleteChild',
  '4423': 'ReadAttributes',
  '4424': 'WriteAttributes',
  '4432': 'Query key value',
  '4433': 'Set key value',
  '4434': 'Create sub-key',
  '4435': 'Enumerate sub-keys',
  '4436': 'Notify about changes to keys',
  '4437': 'Create Link',
  '6931': 'Print',
  '7680': 'Create Child',
  '7681': 'Delete Child',
  '7682': 'List Contents',
  '7683': 'Write Self',
  '7684': 'Read Property',
  '7685': 'Write Property',
  '7686': 'Delete Tree',
  '7687': 'List Object',
  '7688': 'Control Access',
  '8192': 'Audit directory service access',
  '8272': 'System',
  '8273': 'Logon/Logoff',
  '8274': 'Object Access',
  '8275': 'Privilege Use',
  '8276': 'Detailed Tracking',
  '8277': 'Policy Change',
  '8278': 'Account Management',
  '8279': 'DS Access',
  '8280': 'Account Logon',
  '8448': 'Success removed',
  '8449': 'Success Added',
  '8450': 'Failure removed',
  '8451': 'Failure Added',
  '12288': 'Security State Change',
  '12289': 'Security System Extension',
  '12290': 'System Integrity',
  '12291': 'IPsec Driver',
  '12292': 'Other System Events',
  '12544': 'Logon',
  '12545': 'Logoff',
  '12546': 'Account Lockout',
  '12547': 'IPsec Main Mode',
  '12548': 'Special Logon',
  '12549': 'IPsec Quick Mode',
  '12550': 'IPsec Extended Mode',
  '12551': 'Other Logon/Logoff Events',
  '12552': 'Network Policy Server',
  '12553': 'User / Device Claims',
  '12554': 'Group Membership',
  '12800': 'File System',
  '12801': 'Registry',
  '12802': 'Kernel Object',
  '12803': 'SAM',
  '12804': 'Other Object Access Events',
  '12805': 'Certification Services',
  '12806': 'Application Generated',
  '12807': 'Handle Manipulation',
  '12808': 'File Share',
  '12809': 'Filtering Platform Packet Drop',
  '12810': 'Filtering Platform Connection',
  '12811': 'Detailed File Share',
  '12812': 'Removable Storage',
  '12813': 'Central Policy Staging',
  '13056': 'Sensitive Privilege Use',
  '13057': 'Non Sensitive Privilege Use',
  '13058': 'Other Privilege Use Events',
  '13312': 'Process Creation',
  '13313': 'Process Termination',
  '13314': 'DPAPI Activity',
  '13315': 'RPC Events',
  '13316': 'Plug and Play Events',
  '13317': 'Token Right Adjusted Events',
  '13568': 'Audit Policy Change',
  '13569': 'Authentication Policy Change',
  '13570': 'Authorization Policy Change',
  '13571': 'MPSSVC Rule-Level Policy Change',
  '13572': 'Filtering Platform Policy Change',
  '13573': 'Other Policy Change Events',
  '13824': 'User Account Management',
  '13825': 'Computer Account Management',
  '13826': 'Security Group Management',
  '13827': 'Distribution Group Management',
  '13828': 'Application Group Management',
  '13829': 'Other Account Management Events',
  '14080': 'Directory Service Access',
  '14081': 'Directory Service Changes',
  '14082': 'Directory Service Replication',
  '14083': 'Detailed Directory Service Replication',
  '14336': 'Credential Validation',
  '14337': 'Kerberos Service Ticket Operations',
  '14338': 'Other Account Logon Events',
  '14339': 'Kerberos Authentication Service',
  '14592': 'Inbound',
  '14593': 'Outbound',
  '14608': 'Resource Assignment',
  '14609': 'Listen',
  '14610': 'Receive/Accept',
  '14611': 'Connect',
  '14612': 'Flow Established',
  '14674': 'Value Added',
  '14675': 'Value Deleted',
  '14676': 'Active Directory Domain Services',
  '14678': 'Value Added With Expiration Time',
  '16896': 'Read persisted key from file.',
  '16897': 'Write persisted key to file.',
  '16898': 'Delete key file.',
}

/** The texts of `%%4417 %%4418`, in order; unknown ones are left out. */
export function messageTexts(value: string): string[] {
  const texts: string[] = []
  for (const word of value.split(/[\s,]+/)) {
    const known = word.startsWith('%%') ? messages[word.slice(2)] : undefined
    if (known !== undefined && !texts.includes(known)) texts.push(known)
  }
  return texts
}

export function messageText(value: string | undefined): string | undefined {
  return value?.startsWith('%%') === true ? messages[value.slice(2)] : undefined
}
