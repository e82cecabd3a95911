import { parseArn } from '../../kernel/arn.ts';
import { write, type Write } from '../../ports/database.ts';
import { errors } from './api.gen.ts';
import type { EntityRow } from './entities.ts';
import { noSuch } from './rules/errors.ts';
import { folded, namedBy } from './rules/names.ts';
import { entitySql, policySql } from './tables.ts';
import type { IamTools } from './tools.ts';

export interface PolicyRow extends EntityRow {
  /** Users, roles and groups that it is attached to, and those it is the boundary of. */
  readonly attachments: number;
  readonly boundaries: number;
}

export interface PolicyData {
  readonly description?: string;
  /** Epoch ms. */
  readonly updated: number;
  readonly defaultVersion: number;
  /** The newest that ever was: numbers are not used again. */
  readonly lastVersion: number;
}

export function policyData(row: EntityRow): PolicyData {
  return JSON.parse(row.data) as PolicyData;
}

type Scope = { readonly account: string };

function checkArn(arn: string): void {
  const parts = parseArn(arn);
  if (parts?.service !== 'iam' || !parts.resource.startsWith('policy/')) throw errors.InvalidInputException(`ARN ${arn} is not valid.`);
}

export async function findPolicy(tools: IamTools, { account }: Scope, arn: string): Promise<PolicyRow | undefined> {
  checkArn(arn);
  const named = namedBy(arn, account, 'policy');
  const row = named && (await tools.db.get<PolicyRow>(policySql.byName, account, folded(named.name), named.name));
  return row?.path === named?.path ? row : undefined;
}

/** The account's own policy of this ARN. Throws NoSuchEntity, for AWS's own policies too: their documents are not held here. */
export async function thePolicy(tools: IamTools, scope: Scope, arn: string): Promise<PolicyRow> {
  const row = await findPolicy(tools, scope, arn);
  if (!row) throw noSuch('policy', arn);
  return row;
}

export interface Attachable {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  /** The row's id; null for AWS's own policies, whose ARNs are taken as they come. */
  readonly policy: string | null;
}

export async function findAttachable(tools: IamTools, scope: Scope, arn: string): Promise<Attachable | undefined> {
  checkArn(arn);
  const ofAws = namedBy(arn, 'aws', 'policy');
  if (ofAws) return { arn, ...ofAws, policy: null };
  const row = await findPolicy(tools, scope, arn);
  return row && { arn, name: row.name, path: row.path, policy: row.id };
}

/** Makes sure that the policy is still there when the unit is written. */
export function stillThere({ policy }: Attachable): Write[] {
  return policy === null ? [] : [write(entitySql.touch, [policy], { expect: 1, label: 'policy' })];
}
