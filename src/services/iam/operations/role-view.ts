import type { Role } from '../api.gen.ts';
import { boundaryView } from '../boundaries.ts';
import type { EntityRow } from '../entities.ts';
import { encodeDocument } from '../rules/documents.ts';
import { arnOf } from '../rules/names.ts';

export interface RoleData {
  /** The trust policy, as it was given. */
  readonly trust: string;
  readonly description?: string;
  readonly maxSessionSeconds: number;
}

export function roleData(row: EntityRow): RoleData {
  return JSON.parse(row.data) as RoleData;
}

export function roleView(row: EntityRow): Role {
  const { trust, description, maxSessionSeconds } = roleData(row);
  return {
    Path: row.path,
    RoleName: row.name,
    RoleId: row.id,
    Arn: arnOf(row),
    CreateDate: row.created,
    AssumeRolePolicyDocument: encodeDocument(trust),
    ...(description !== undefined && { Description: description }),
    MaxSessionDuration: maxSessionSeconds,
    ...boundaryView(row),
  };
}
