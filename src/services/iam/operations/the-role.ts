import { errors } from '../api.gen.ts';
import { theEntity, type EntityRow } from '../entities.ts';
import type { IamTools } from '../tools.ts';

export const SERVICE_ROLE_PATH = '/aws-service-role/';

export function theRole(tools: IamTools, ctx: { readonly account: string }, name: string): Promise<EntityRow> {
  return theEntity(tools, ctx, 'role', name);
}

/** A role that its account may change: service-linked ones are their service's. */
export async function modifiableRole(tools: IamTools, ctx: { readonly account: string }, name: string): Promise<EntityRow> {
  const row = await theRole(tools, ctx, name);
  if (!row.path.startsWith(SERVICE_ROLE_PATH)) return row;
  throw errors.UnmodifiableEntityException(
    `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
  );
}
