import { write } from '../../ports/database.ts';
import { errors, type AttachedPermissionsBoundary } from './api.gen.ts';
import { commitOr, type EntityRow } from './entities.ts';
import { findAttachable, stillThere, type Attachable } from './managed-policies.ts';
import { noSuch } from './rules/errors.ts';
import { entitySql } from './tables.ts';
import type { IamTools } from './tools.ts';

export function noBoundary(arn: string): ReturnType<typeof errors.NoSuchEntityException> {
  return errors.NoSuchEntityException(`Scope ARN: ${arn} does not exist or is not attachable.`);
}

/** The policy that shall bound somebody. Throws NoSuchEntity where there is none. */
export async function theBoundary(tools: IamTools, scope: { readonly account: string }, arn: string): Promise<Attachable> {
  const found = await findAttachable(tools, scope, arn);
  if (!found) throw noBoundary(arn);
  return found;
}

export function boundaryView({ boundary }: EntityRow): { readonly PermissionsBoundary?: AttachedPermissionsBoundary } {
  if (boundary === null) return {};
  return { PermissionsBoundary: { PermissionsBoundaryType: 'PermissionsBoundaryPolicy', PermissionsBoundaryArn: boundary } };
}

export async function setBoundary(tools: IamTools, row: EntityRow, arn: string): Promise<void> {
  const policy = await theBoundary(tools, row, arn);
  const unit = [...stillThere(policy), write(entitySql.setBoundary, [arn, row.id], { expect: 1 })];
  await commitOr(tools, unit, ({ label }) => (label === 'policy' ? noBoundary(arn) : noSuch(row.kind, row.name)));
}

export async function clearBoundary(tools: IamTools, row: EntityRow): Promise<void> {
  await tools.commits.commit([write(entitySql.setBoundary, [null, row.id])]);
}
