// Types of audit records (linux/audit.h, libaudit's msg_typetab.h): what happened, in ECS's words.

export interface AuditMeaning {
  action: string
  category: readonly string[]
  type: readonly string[]
}

/** `TYPE action category type` a line; lists by commas, `-` for none. */
const table = `
ACCT_LOCK locked-account iam user,info
ACCT_UNLOCK unlocked-account iam user,info
ADD_GROUP added-group-account-to iam group,creation
ADD_USER added-user-account iam user,creation
ANOM_ABEND crashed-program process end
ANOM_EXEC attempted-execution-of-forbidden-program process start
ANOM_LINK used-suspcious-link file info
ANOM_LOGIN_ACCT failed-log-in-too-many-times-to authentication info
ANOM_LOGIN_FAILURES failed-log-in-too-many-times-to authentication info
ANOM_LOGIN_LOCATION attempted-log-in-from-unusual-place-to authentication info
ANOM_LOGIN_SESSIONS opened-too-many-sessions-to session info
ANOM_LOGIN_TIME attempted-log-in-during-unusual-hour-to authentication info
ANOM_PROMISCUOUS changed-promiscuous-mode-on-device network info
ANOM_RBAC_INTEGRITY_FAIL tested-file-system-integrity-of file info
AVC avc - -
CHGRP_ID changed-group iam group,change
CHUSER_ID changed-user-id iam user,change
CONFIG_CHANGE changed-audit-configuration process,configuration change
CRED_ACQ acquired-credentials authentication info
CRED_DISP disposed-credentials authentication info
CRED_REFR refreshed-credentials authentication info
CRYPTO_KEY_USER negotiated-crypto-key process info
CRYPTO_LOGIN crypto-officer-logged-in authentication start
CRYPTO_LOGOUT crypto-officer-logged-out authentication end
CRYPTO_SESSION started-crypto-session process info
DAC_CHECK access-result file access
DAEMON_ABORT aborted-auditd-startup process stop
DAEMON_ACCEPT remote-audit-connected network connection,start
DAEMON_CLOSE remote-audit-disconnected network connection,end
DAEMON_CONFIG changed-auditd-configuration process,configuration change
DAEMON_END shutdown-audit process end
DAEMON_ERR audit-error process info
DAEMON_RECONFIG reconfigured-auditd process,configuration info
DAEMON_RESUME resumed-audit-logging process change
DAEMON_ROTATE rotated-audit-logs process change
DAEMON_START started-audit process start
DEL_GROUP deleted-group-account-from iam group,deletion
DEL_USER deleted-user-account iam user,deletion
FANOTIFY fanotify file access
FEATURE_CHANGE changed-audit-feature configuration change
FS_RELABEL relabeled-filesystem file change
GRP_AUTH authenticated-to-group authentication info
GRP_CHAUTHTOK changed-group-password iam group,change
GRP_MGMT modified-group-account iam group,change
KERN_MODULE loaded-kernel-module driver start
LOGIN changed-login-id-to authentication start
MAC_CHECK mac-permission - -
MAC_CONFIG_CHANGE changed-selinux-boolean configuration change
MAC_POLICY_LOAD loaded-selinux-policy configuration access
MAC_STATUS changed-selinux-enforcement configuration change
NETFILTER_CFG loaded-firewall-rule-to configuration change
ROLE_ASSIGN assigned-user-role-to iam user,change
ROLE_MODIFY modified-role iam change
ROLE_REMOVE removed-user-role-from iam user,change
SECCOMP violated-seccomp-policy process info
SELINUX_ERR access-error - -
SERVICE_START started-service process start
SERVICE_STOP stopped-service process end
SOFTWARE_UPDATE package-updated package info
SYSTEM_BOOT booted-system host info
SYSTEM_RUNLEVEL changed-to-runlevel host change
SYSTEM_SHUTDOWN shutdown-system host info
TEST sent-test - -
TTY typed - -
USER sent-message - -
USER_ACCT was-authorized authentication info
USER_AUTH authenticated authentication info
USER_AVC access-permission - -
USER_CHAUTHTOK changed-password iam user,change
USER_CMD ran-command process start
USER_END ended-session session end
USER_ERR error authentication info
USER_LOGIN logged-in authentication start
USER_LOGOUT logged-out authentication end
USER_MAC_CONFIG_CHANGE changed-mac-configuration configuration change
USER_MAC_POLICY_LOAD loaded-mac-policy configuration access
USER_MGMT modified-user-account iam user,change
USER_ROLE_CHANGE changed-role-to iam change
USER_SELINUX_ERR access-error - -
USER_START started-session session start
USER_TTY typed - -
USYS_CONFIG changed-configuration configuration change
VIRT_CONTROL issued-vm-control host info
VIRT_CREATE created-vm-image host info
VIRT_DESTROY deleted-vm-image host info
`

const list = (text: string): string[] => (text === '-' ? [] : text.replace('stop', 'end').split(','))

export const auditMeanings: ReadonlyMap<string, AuditMeaning> = new Map(
  table
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', action = '', category = '-', type = '-'] = line.split(' ')
      return [name, { action, category: list(category), type: list(type) }]
    }),
)
