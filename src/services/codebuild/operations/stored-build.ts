import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Build } from '../api.gen.ts';
import { sql } from '../tables.ts';
import { nameHere, type OperationTools } from './tools.ts';

export type Place = Pick<CallContext, 'account' | 'region'>;

/** A build of the history, as it stands. */
export async function storedBuild(tools: Pick<OperationTools, 'db'>, ctx: Place, id: string): Promise<Build | undefined> {
  const row = await tools.db.get<{ data: string }>(sql.build, ctx.account, ctx.region, id);
  return row && (JSON.parse(row.data) as Build);
}

/** `PROJECT:UUID`, or undefined for the ARN of another place; throws InvalidInputException for what cannot be a build's id. */
export function wantedBuild(ctx: Place, idOrArn: string): string | undefined {
  if (!idOrArn.includes(':')) throw errors.InvalidInputException('Invalid build ID provided');
  return nameHere(ctx, 'build', idOrArn);
}

/** Throws InvalidInputException and ResourceNotFoundException. */
export async function requireBuild(tools: Pick<OperationTools, 'db'>, ctx: Place, idOrArn: string): Promise<{ id: string; build: Build }> {
  const id = wantedBuild(ctx, idOrArn);
  const build = id === undefined ? undefined : await storedBuild(tools, ctx, id);
  if (!build) throw errors.ResourceNotFoundException(`Build cannot be found: ${idOrArn}`);
  return { id: id!, build };
}
