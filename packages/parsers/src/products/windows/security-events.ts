// Event ids of the Security log: what happened, in ECS's words. Names as Elastic's `system` package has them where it has one.

export interface SecurityMeaning {
  action: string
  category: readonly string[]
  type: readonly string[]
}

/** `id action category type` a line; lists by commas, `-` where the object's type decides. */
const table = `
1100 logging-service-shutdown process end
1102 audit-log-cleared iam admin,change
1104 logging-full iam admin
1105 auditlog-archieved iam admin
1108 logging-processing-error iam admin
4608 system-started host start
4610 authentication-package-loaded configuration change
4611 trusted-logon-process-registered configuration change
4614 notification-package-loaded configuration change
4616 system-time-changed configuration change
4622 security-package-loaded configuration change
4624 logged-in authentication start
4625 logon-failed authentication start
4634 logged-out authentication end
4647 logged-out authentication end
4648 logged-in-explicit authentication start
4649 replay-attack-detected authentication,intrusion_detection info
4656 object-handle-requested - access
4657 registry-value-modified registry change
4658 object-handle-closed - end
4660 object-deleted file deletion
4661 sam-object-handle-requested iam access
4663 object-access-attempted - access
4664 hard-link-created file creation
4662 object-operation-performed iam,configuration access
4670 permissions-changed iam,configuration admin,change
4672 logged-in-special iam admin
4673 privileged-service-called iam admin
4674 privileged-operation iam admin
4688 created-process process start
4689 exited-process process end
4697 service-installed iam,configuration admin,change
4698 scheduled-task-created iam,configuration creation,admin
4699 scheduled-task-deleted iam,configuration deletion,admin
4700 scheduled-task-enabled iam,configuration change,admin
4701 scheduled-task-disabled iam,configuration change,admin
4702 scheduled-task-updated iam,configuration change,admin
4703 user-right-adjusted iam admin,change
4704 user-right-assigned iam,configuration admin,change
4705 user-right-removed iam,configuration admin,deletion
4706 domain-trust-added configuration creation
4707 domain-trust-removed configuration deletion
4713 kerberos-policy-changed configuration change
4714 encrypted-data-recovery-policy-changed configuration change
4715 object-audit-policy-changed configuration change
4716 trusted-domain-information-changed configuration change
4717 system-security-access-granted iam,configuration admin,change
4718 system-security-access-removed iam,configuration admin,deletion
4719 changed-audit-config iam,configuration admin,change
4720 added-user-account iam user,creation
4722 enabled-user-account iam user,change
4723 changed-password iam user,change
4724 reset-password iam user,change
4725 disabled-user-account iam user,deletion
4726 deleted-user-account iam user,deletion
4727 added-group-account iam group,creation
4728 added-member-to-group iam group,change
4729 removed-member-from-group iam group,change
4730 deleted-group-account iam group,deletion
4731 added-group-account iam group,creation
4732 added-member-to-group iam group,change
4733 removed-member-from-group iam group,change
4734 deleted-group-account iam group,deletion
4735 modified-group-account iam group,change
4737 modified-group-account iam group,change
4738 modified-user-account iam user,change
4739 domain-policy-changed configuration change
4740 locked-out-user-account iam user,change
4741 added-computer-account iam creation,admin
4742 changed-computer-account iam change,admin
4743 deleted-computer-account iam deletion,admin
4744 added-distribution-group-account iam group,creation
4745 changed-distribution-group-account iam group,change
4746 added-member-to-distribution-group iam group,change
4747 removed-member-from-distribution-group iam group,change
4748 deleted-distribution-group-account iam group,deletion
4749 added-distribution-group-account iam group,creation
4750 changed-distribution-group-account iam group,change
4751 added-member-to-distribution-group iam group,change
4752 removed-member-from-distribution-group iam group,change
4753 deleted-distribution-group-account iam group,deletion
4754 added-group-account iam group,creation
4755 modified-group-account iam group,change
4756 added-member-to-group iam group,change
4757 removed-member-from-group iam group,change
4758 deleted-group-account iam group,deletion
4759 added-distribution-group-account iam group,creation
4760 changed-distribution-group-account iam group,change
4761 added-member-to-distribution-group iam group,change
4762 removed-member-from-distribution-group iam group,change
4763 deleted-distribution-group-account iam group,deletion
4764 type-changed-group-account iam group,change
4765 sid-history-added iam user,change
4766 sid-history-add-failed iam user,change
4767 unlocked-user-account iam user,change
4768 kerberos-authentication-ticket-requested authentication start
4769 kerberos-service-ticket-requested authentication start
4770 kerberos-service-ticket-renewed authentication start
4771 kerberos-preauth-failed authentication start
4774 account-mapped-for-logon authentication start
4775 account-not-mapped-for-logon authentication start
4776 credential-validated authentication start
4777 credential-validation-failed authentication start
4778 session-reconnected authentication,session start
4779 session-disconnected authentication,session end
4780 administrators-acl-set iam change
4781 renamed-user-account iam user,change
4782 password-hash-accessed iam user,access
4793 password-policy-checked iam info
4794 directory-restore-mode-password-set iam admin,change
4798 group-membership-enumerated iam user,info
4799 user-member-enumerated iam group,info
4800 workstation-locked session,authentication end
4801 workstation-unlocked session,authentication start
4802 screensaver-invoked session info
4803 screensaver-dismissed session info
4817 object-audit-changed iam,configuration admin,change
4825 remote-desktop-denied authentication denied
4865 trusted-forest-information-added configuration creation
4866 trusted-forest-information-removed configuration deletion
4867 trusted-forest-information-modified configuration change
4882 certificate-services-permissions-changed iam,configuration admin,change
4885 certificate-services-audit-filter-changed iam,configuration admin,change
4886 certificate-requested iam info
4887 certificate-issued iam creation
4888 certificate-request-denied iam denied
4890 certificate-manager-settings-changed iam,configuration admin,change
4892 certificate-services-property-changed iam,configuration admin,change
4898 certificate-template-loaded configuration info
4899 certificate-template-updated configuration change
4900 certificate-template-security-updated configuration change
4902 user-audit-policy-created iam,configuration admin,creation
4904 security-event-source-added iam,configuration admin,change
4905 security-event-source-removed iam,configuration admin,deletion
4906 crash-on-audit-changed iam,configuration admin,change
4907 audit-setting-changed iam,configuration admin,change
4908 special-group-table-changed iam,configuration admin,change
4912 per-user-audit-policy-changed iam,configuration admin,change
4928 replica-source-naming-context-established iam,configuration creation
4929 replica-source-naming-context-removed iam,configuration deletion
4944 firewall-policy-active configuration info
4946 firewall-rule-added configuration creation
4947 firewall-rule-modified configuration change
4948 firewall-rule-deleted configuration deletion
4950 firewall-setting-changed configuration change
4964 logged-in-special iam admin,group
5024 firewall-service-started process start
5025 firewall-service-stopped process end
5136 directory-service-object-modified iam,configuration admin,change
5137 directory-service-object-created iam,configuration admin,creation
5138 directory-service-object-undeleted iam,configuration admin,creation
5139 directory-service-object-moved iam,configuration admin,change
5140 network-share-object-accessed network,file info,access
5141 directory-service-object-deleted iam,configuration admin,deletion
5142 network-share-object-added configuration,file creation
5143 network-share-object-modified configuration,file change
5144 network-share-object-deleted configuration,file deletion
5145 network-share-object-access-checked network,file info,access
5150 windows-firewall-packet-block network connection,denied
5151 windows-firewall-packet-block network connection,denied
5152 windows-firewall-packet-block network connection,info,denied
5153 windows-firewall-packet-block network connection,denied
5154 windows-firewall-listen network connection,info,allowed
5155 windows-firewall-listen-block network connection,info,denied
5156 windows-firewall-connection network connection,info,allowed
5157 windows-firewall-packet-block network connection,info,denied
5158 windows-firewall-bind network connection,info,allowed
5159 windows-firewall-bind-block network connection,info,denied
5376 credential-manager-credentials-backed-up iam user,info
5377 credential-manager-credentials-restored iam user,change
5379 credential-manager-credentials-were-read iam user,info
5380 vault-credentials-find iam user,info
5381 vault-credentials-were-read iam user,info
5382 vault-credentials-were-read iam user,info
6272 network-policy-server-granted-access authentication start,allowed
6273 network-policy-server-denied-access authentication start,denied
6274 network-policy-server-discarded-request authentication start,denied
6276 network-policy-server-quarantined-user authentication start,denied
6278 network-policy-server-granted-full-access authentication start,allowed
6279 network-policy-server-locked-account authentication,iam user,change
6280 network-policy-server-unlocked-account authentication,iam user,change
6416 external-device-recognized host info
6423 device-installation-forbidden host denied
6424 device-installation-allowed host allowed
`

export const securityEvents: ReadonlyMap<string, SecurityMeaning> = new Map(
  table
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', action = '', category = '', type = ''] = line.split(' ')
      return [id, { action, category: category === '-' ? [] : category.split(','), type: type.split(',') }]
    }),
)

const ids = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** The person is the event's Target: who logged on, off or got a ticket. */
export const targetIsUser = ids(
  '4624 4625 4634 4647 4768 4769 4770 4771 4776 4774 4775 4777 4778 4779 4800 4801 4802 4803 4820 4821',
)
/** The Target is another account that the Subject changed. */
export const targetIsAccount = ids(
  '4720 4722 4723 4724 4725 4726 4738 4740 4765 4766 4767 4780 4781 4782 4798 4717 4718 4703',
)
/** The Target is a group, the Member a person. */
export const targetIsGroup = ids(
  '4727 4728 4729 4730 4731 4732 4733 4734 4735 4737 4744 4745 4746 4747 4748 4749 4750 4751 4752 4753 4754 4755 4756 4757 4758 4759 4760 4761 4762 4763 4764 4799',
)
export const targetIsComputer = ids('4741 4742 4743')
