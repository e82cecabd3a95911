import { ApiError } from '../../../protocol/errors.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { theEntity, type EntityRow } from '../entities.ts';
import { noSuch } from '../rules/errors.ts';
import { entitySql } from '../tables.ts';
import type { IamTools } from '../tools.ts';

/** The user that a request names; without a name the caller itself, which may be the account's root. */
export async function userOrCaller(tools: IamTools, ctx: CallContext, name: string | undefined): Promise<EntityRow> {
  if (name !== undefined) return theEntity(tools, ctx, 'user', name);
  const { kind, id, arn } = ctx.principal;
  if (kind !== 'user' && kind !== 'root') {
    throw new ApiError('ValidationError', 'Must specify userName when calling with non-User credentials', 400);
  }
  const row = await tools.db.get<EntityRow>(entitySql.byId, id);
  if (!row) throw noSuch('user', arn);
  return row;
}

/** The root has no user name: AWS leaves the member out, though its model calls it required. */
export function userNameOf({ kind, name }: EntityRow): { readonly UserName: string } {
  return (kind === 'root' ? {} : { UserName: name }) as { UserName: string };
}
