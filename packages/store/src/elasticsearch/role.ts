// The least that Varde must be allowed, as a role for `POST /_security/api_key`.

export interface RoleDescriptor {
  cluster: string[]
  indices: { names: string[]; privileges: string[] }[]
}

/** Nothing beyond indices of this prefix, and no users, no other settings of the cluster. */
export function leastRole(prefix: string): RoleDescriptor {
  return {
    // Health, disks and shards; our own templates (templates have no narrower privilege).
    cluster: ['monitor', 'manage_index_templates'],
    indices: [
      {
        names: [`${prefix}-*`],
        privileges: ['create_index', 'delete_index', 'write', 'read', 'view_index_metadata', 'maintenance', 'manage'],
      },
    ],
  }
}
