import { write, type Statement, type Write } from '../../ports/database.ts';

/** What an account has by default: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const QUOTAS = {
  AccessKeysPerUser: 2,
  ServiceSpecificCredentialsPerUser: 2,
  PoliciesPerUser: 10,
  PoliciesPerRole: 10,
  PoliciesPerGroup: 10,
  GroupsPerUser: 10,
  InstanceSessionsPerInstanceProfile: 1,
  Tags: 50,
  VersionsPerPolicy: 5,
} as const;

/** Fails the unit, with this label, where the entity is gone or holds more than `limit` after the writes before it. */
export function within(quota: Statement, entity: string, limit: number): Write {
  return write(quota, [entity, entity, limit], { expect: 1, label: 'quota' });
}
