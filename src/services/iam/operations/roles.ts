import type { Api, Role } from '../api.gen.ts';
import { commitOr, insertEntity, newEntity, theEntity, type EntityRow } from '../entities.ts';
import { checkDocument, encodeDocument } from '../rules/documents.ts';
import { alreadyExists } from '../rules/errors.ts';
import { arnOf } from '../rules/names.ts';
import type { IamTools } from '../tools.ts';

type Operations = Pick<Api, 'createRole' | 'getRole'>;

export interface RoleData {
  /** The trust policy, as it was given. */
  readonly trust: string;
  readonly description?: string;
  readonly maxSessionSeconds: number;
}

const DEFAULT_SESSION = 3600;

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
  };
}

export function roleOperations(tools: IamTools): Operations {
  return {
    async createRole({ RoleName, Path, AssumeRolePolicyDocument, Description, MaxSessionDuration }, { account }) {
      checkDocument('trust', AssumeRolePolicyDocument);
      const data: RoleData = {
        trust: AssumeRolePolicyDocument,
        ...(Description !== undefined && { description: Description }),
        maxSessionSeconds: MaxSessionDuration ?? DEFAULT_SESSION,
      };
      const row = newEntity(tools, { account, kind: 'role', name: RoleName, data, ...(Path !== undefined && { path: Path }) });
      await commitOr(tools, [insertEntity(row)], () => alreadyExists('role', RoleName));
      return { Role: roleView(row) };
    },
    async getRole({ RoleName }, ctx) {
      return { Role: roleView(await theEntity(tools, ctx, 'role', RoleName)) };
    },
  };
}
