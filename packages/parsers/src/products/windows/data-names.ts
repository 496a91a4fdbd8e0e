// The order of a Security event's insertion strings, for agents that send them without names (Fluent Bit's `StringInserts`).
// Read off events of real machines: the names are those of the manifest of Microsoft-Windows-Security-Auditing.

/** `<event id>.<version>` → names in order. */
const securityNames: Record<string, string | undefined> = {
  '4616.1':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PreviousTime NewTime ProcessId ProcessName',
  '4624.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType LogonProcessName AuthenticationPackageName WorkstationName LogonGuid TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort',
  '4624.1':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType LogonProcessName AuthenticationPackageName WorkstationName LogonGuid TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort ImpersonationLevel',
  '4624.2':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType LogonProcessName AuthenticationPackageName WorkstationName LogonGuid TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort ImpersonationLevel RestrictedAdminMode TargetOutboundUserName TargetOutboundDomainName VirtualAccount TargetLinkedLogonId ElevatedToken',
  '4625.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid TargetUserName TargetDomainName Status FailureReason SubStatus LogonType LogonProcessName AuthenticationPackageName WorkstationName TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort',
  '4627.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType EventIdx EventCountTotal GroupMembership',
  '4634.0': 'TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType',
  '4647.0': 'TargetUserSid TargetUserName TargetDomainName TargetLogonId',
  '4648.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId LogonGuid TargetUserName TargetDomainName TargetLogonGuid TargetServerName TargetInfo ProcessId ProcessName IpAddress IpPort',
  '4656.1':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectServer ObjectType ObjectName HandleId TransactionId AccessList AccessReason AccessMask PrivilegeList RestrictedSidCount ProcessId ProcessName ResourceAttributes',
  '4658.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectServer HandleId ProcessId ProcessName',
  '4661.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectServer ObjectType ObjectName HandleId TransactionId AccessList AccessMask PrivilegeList Properties RestrictedSidCount ProcessId ProcessName',
  '4661.1':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectServer ObjectType ObjectName HandleId TransactionId AccessList AccessReason AccessMask PrivilegeList Properties RestrictedSidCount ProcessId ProcessName',
  '4662.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectServer ObjectType ObjectName OperationType HandleId AccessList AccessMask Properties AdditionalInfo AdditionalInfo2',
  '4663.1':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectServer ObjectType ObjectName HandleId AccessList AccessMask ProcessId ProcessName ResourceAttributes',
  '4664.0': 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId FileName LinkName TransactionId',
  '4672.0': 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList',
  '4673.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectServer Service PrivilegeList ProcessId ProcessName',
  '4674.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectServer ObjectType ObjectName HandleId AccessMask PrivilegeList ProcessId ProcessName',
  '4688.1':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId NewProcessId NewProcessName TokenElevationType ProcessId CommandLine',
  '4688.2':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId NewProcessId NewProcessName TokenElevationType ProcessId CommandLine TargetUserSid TargetUserName TargetDomainName TargetLogonId',
  '4690.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId SourceHandleId SourceProcessId TargetHandleId TargetProcessId',
  '4697.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ServiceName ServiceFileName ServiceType ServiceStartType ServiceAccount',
  '4698.0': 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TaskName TaskContent',
  '4699.0': 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TaskName TaskContent',
  '4706.0':
    'DomainName DomainSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TdoType TdoDirection TdoAttributes SidFilteringEnabled',
  '4717.0': 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetSid AccessGranted',
  '4718.0': 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetSid AccessRemoved',
  '4720.0':
    'TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList SamAccountName DisplayName UserPrincipalName HomeDirectory HomePath ScriptPath ProfilePath UserWorkstations PasswordLastSet AccountExpires PrimaryGroupId AllowedToDelegateTo OldUacValue NewUacValue UserAccountControl UserParameters SidHistory LogonHours',
  '4722.0': 'TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId',
  '4723.0':
    'TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList',
  '4724.0': 'TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId',
  '4726.0':
    'TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList',
  '4728.0':
    'MemberName MemberSid TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList',
  '4731.0':
    'TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList SamAccountName SidHistory',
  '4732.0':
    'MemberName MemberSid TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList',
  '4733.0':
    'MemberName MemberSid TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList',
  '4735.0':
    'TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList SamAccountName SidHistory',
  '4738.0':
    'Dummy TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList SamAccountName DisplayName UserPrincipalName HomeDirectory HomePath ScriptPath ProfilePath UserWorkstations PasswordLastSet AccountExpires PrimaryGroupId AllowedToDelegateTo OldUacValue NewUacValue UserAccountControl UserParameters SidHistory LogonHours',
  '4739.0':
    'DomainPolicyChanged DomainName DomainSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList MinPasswordAge MaxPasswordAge ForceLogoff LockoutThreshold LockoutObservationWindow LockoutDuration PasswordProperties MinPasswordLength PasswordHistoryLength MachineAccountQuota MixedDomainMode DomainBehaviorVersion OemInformation',
  '4741.0':
    'TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList SamAccountName DisplayName UserPrincipalName HomeDirectory HomePath ScriptPath ProfilePath UserWorkstations PasswordLastSet AccountExpires PrimaryGroupId AllowedToDelegateTo OldUacValue NewUacValue UserAccountControl UserParameters SidHistory LogonHours DnsHostName ServicePrincipalNames',
  '4742.0':
    'ComputerAccountChange TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList SamAccountName DisplayName UserPrincipalName HomeDirectory HomePath ScriptPath ProfilePath UserWorkstations PasswordLastSet AccountExpires PrimaryGroupId AllowedToDelegateTo OldUacValue NewUacValue UserAccountControl UserParameters SidHistory LogonHours DnsHostName ServicePrincipalNames',
  '4756.0':
    'MemberName MemberSid TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList',
  '4765.0':
    'SourceUserName SourceSid TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList SidList',
  '4768.0':
    'TargetUserName TargetDomainName TargetSid ServiceName ServiceSid TicketOptions Status TicketEncryptionType PreAuthType IpAddress IpPort CertIssuerName CertSerialNumber CertThumbprint',
  '4769.0':
    'TargetUserName TargetDomainName ServiceName ServiceSid TicketOptions TicketEncryptionType IpAddress IpPort Status LogonGuid TransmittedServices',
  '4771.0':
    'TargetUserName TargetSid ServiceName TicketOptions Status PreAuthType IpAddress IpPort CertIssuerName CertSerialNumber CertThumbprint',
  '4776.0': 'PackageName TargetUserName Workstation Status',
  '4778.0': 'AccountName AccountDomain LogonID SessionName ClientName ClientAddress',
  '4781.0':
    'OldTargetUserName NewTargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList',
  '4825.0': 'AccountName AccountDomain LogonID ClientAddress',
  '4865.0':
    'ForestRoot ForestRootSid OperationId EntryType Flags TopLevelName DnsName NetbiosName DomainSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId',
  '4902.0': 'PuaCount PuaPolicyId',
  '4904.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId AuditSourceName EventSourceId ProcessId ProcessName',
  '4905.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId AuditSourceName EventSourceId ProcessId ProcessName',
  '4907.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectServer ObjectType ObjectName HandleId OldSd NewSd ProcessId ProcessName',
  '4950.0': 'ProfileChanged SettingType SettingValue',
  '4964.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId LogonGuid TargetUserSid TargetUserName TargetDomainName TargetLogonId TargetLogonGuid SidList',
  '5056.0': 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId Module ReturnCode',
  '5058.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ProviderName AlgorithmName KeyName KeyType KeyFilePath Operation ReturnCode',
  '5061.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ProviderName AlgorithmName KeyName KeyType Operation ReturnCode',
  '5123.0': 'PropertyName NewValue SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId',
  '5124.0': 'NewSecuritySettings SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId',
  '5136.0':
    'OpCorrelationID AppCorrelationID SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId DSName DSType ObjectDN ObjectGUID ObjectClass AttributeLDAPDisplayName AttributeSyntaxOID AttributeValue OperationType',
  '5140.1':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectType IpAddress IpPort ShareName ShareLocalPath AccessMask AccessList',
  '5142.0': 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ShareName ShareLocalPath',
  '5143.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectType ShareName ShareLocalPath OldRemark NewRemark OldMaxUsers NewMaxUsers OldShareFlags NewShareFlags OldSD NewSD',
  '5145.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectType IpAddress IpPort ShareName ShareLocalPath RelativeTargetName AccessMask AccessList AccessReason',
  '5376.1':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId BackupFileName ProcessCreationTime ClientProcessId',
  '5379.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetName Type CountOfCredentialsReturned ReadOperation ReturnCode ProcessCreationTime ClientProcessId',
  '5381.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId Flags CountOfCredentialsReturned ProcessCreationTime ClientProcessId',
  '5382.0':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId SchemaFriendlyName Schema Resource Identity PackageSid Flags ReturnCode ProcessCreationTime ClientProcessId',
  '5447.0':
    'ProcessId UserSid UserName ProviderKey ProviderName ChangeType FilterKey FilterName FilterType FilterId LayerKey LayerName LayerId Weight Conditions Action CalloutKey CalloutName',
  '5890.0':
    'SubjectUserSid SubjectUserName SubjectUserDomainName SubjectLogonId ObjectCollectionName ObjectIdentifyingProperties ObjectProperties',
  '6416.1':
    'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId DeviceId DeviceDescription ClassId ClassName VendorIds CompatibleIds LocationInformation',
}

/** Names for so many strings, or undefined where this event's order is unknown. */
export function dataNames(
  provider: string,
  id: string,
  version: number | undefined,
  count: number,
): readonly string[] | undefined {
  if (provider !== 'Microsoft-Windows-Security-Auditing') return undefined
  for (const candidate of [version ?? 0, 0, 1, 2, 3]) {
    const names = securityNames[`${id}.${candidate}`]?.split(' ')
    if (names !== undefined && names.length >= count) return names
  }
  return undefined
}
