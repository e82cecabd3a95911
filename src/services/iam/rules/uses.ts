import { errors } from '../api.gen.ts';
import type { Kind } from './names.ts';

/** How many of each thing hang on an entity. */
export interface Uses {
  readonly attached: number;
  readonly inline_policies: number;
  readonly access_keys: number;
  readonly service_credentials: number;
  readonly members: number;
  readonly memberships: number;
  /** Users, roles and groups that this policy is attached to. */
  readonly attachments: number;
  readonly versions: number;
  /** Users and roles that this policy bounds. */
  readonly boundaries: number;
}

function reasonOf(kind: Kind, uses: Uses): string | undefined {
  if (uses.attachments > 0 || uses.boundaries > 0) return 'Cannot delete a policy attached to entities.';
  if (uses.versions > 1) {
    return "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.";
  }
  if (uses.attached > 0) return 'Cannot delete entity, must detach all policies first.';
  if (uses.inline_policies > 0) return 'Cannot delete entity, must delete policies first.';
  if (uses.access_keys > 0) return 'Cannot delete entity, must delete access keys first.';
  if (uses.service_credentials > 0) return 'Cannot delete entity, must remove referenced objects first.';
  if (uses.members > 0 && kind === 'instance-profile') return 'Cannot delete entity, must remove roles from instance profile first.';
  if (uses.members > 0 || (uses.memberships > 0 && kind === 'user')) return 'Cannot delete entity, must remove users from group first.';
  return uses.memberships > 0 ? 'Cannot delete entity, must remove roles from instance profile first.' : undefined;
}

/** Why AWS refuses to delete it, in the words in which it does; undefined where nothing is in the way. */
export function conflictOf(kind: Kind, uses: Uses): ReturnType<typeof errors.DeleteConflictException> | undefined {
  const reason = reasonOf(kind, uses);
  return reason === undefined ? undefined : errors.DeleteConflictException(reason);
}
