import { createHash } from 'node:crypto';
import { formatArn, parseArn, type Arn } from '../../kernel/arn.ts';
import { write, type Write } from '../../ports/database.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import type { CallContext } from '../../protocol/context.ts';
import { encodePageToken } from '../../protocol/page-token.ts';
import type { ServiceTools } from '../../protocol/service.ts';
import type { Aws } from '../aws.gen.ts';
import { errors, type Target } from './api.gen.ts';
import { checkTarget, masked } from './rules/target-address.ts';
import { RULES_TOPIC, sql, type RuleRow, type TargetRow } from './tables.ts';

export interface NotificationTools extends ServiceTools {
  readonly aws: Aws;
  readonly secrets: SecretBox;
}

/** What the operations of this service work with. */
export interface OperationTools extends NotificationTools {
  /** Says durably how far the event log has been looked at: part of every unit that changes rules, so that what came before is not looked at with the rules of later. */
  readonly markCursor: () => Write[];
}

/** Rules live in an account and a region. */
export type Place = Pick<CallContext, 'account' | 'region'>;

export function ruleArn({ account, region }: Place, id: string): Arn {
  return formatArn('codestar-notifications', region, account, `notificationrule/${id}`);
}

export async function findRule({ db }: ServiceTools, { account, region }: Place, arn: Arn): Promise<RuleRow | undefined> {
  const parts = parseArn(arn);
  if (parts?.account !== account || parts.region !== region) return undefined;
  return db.get<RuleRow>(sql.rule, account, region, parts.resource.slice('notificationrule/'.length));
}

/** Throws ResourceNotFoundException. */
export async function requireRule(tools: ServiceTools, ctx: Place, arn: Arn): Promise<RuleRow> {
  const row = await findRule(tools, ctx, arn);
  if (!row) throw errors.ResourceNotFoundException(`The notification rule ${arn} does not exist.`);
  return row;
}

/** The same address is the same target, whatever rule it belongs to. */
function hashOf(type: string, address: string): string {
  return createHash('sha256')
    .update(JSON.stringify([type, address]))
    .digest('hex');
}

/** A target as it is to be written; one that is there already may be named as it is shown. */
async function resolved({ db, secrets }: NotificationTools, ctx: Place, given: Target): Promise<Omit<TargetRow, 'status'>> {
  const { account, region } = ctx;
  const there = await db.get<TargetRow>(sql.targetShown, account, region, given.TargetAddress ?? '');
  if (there && there.type === (given.TargetType ?? 'SNS')) return there;
  const { type, address, secret } = checkTarget(given, account);
  const hash = hashOf(type, address);
  const kept = secret ? { shown: masked(address, hash), address: secrets.seal(address) } : { shown: address, address };
  return { account, region, hash, type, ...kept };
}

/** The writes that make these targets of a rule, all or beside others. */
export async function targetWrites(tools: NotificationTools, ctx: Place, rule: string, targets: readonly Target[]): Promise<Write[]> {
  const rows = await Promise.all(targets.map((target) => resolved(tools, ctx, target)));
  return rows.flatMap(({ account, region, hash, type, shown, address }) => [
    write(sql.insertTarget, [account, region, hash, type, shown, address]),
    write(sql.insertRuleTarget, [account, region, rule, hash], { topic: RULES_TOPIC }),
  ]);
}

/** A target by its address, as it was given or as it is shown. */
export async function findTarget({ db }: ServiceTools, { account, region }: Place, address: string): Promise<TargetRow | undefined> {
  const shown = await db.get<TargetRow>(sql.targetShown, account, region, address);
  if (shown) return shown;
  for (const type of ['AWSChatbotSlack', 'AWSChatbotMicrosoftTeams']) {
    const row = await db.get<TargetRow>(sql.target, account, region, hashOf(type, address));
    if (row) return row;
  }
  return undefined;
}

export function tagWrites(arn: Arn, tags: Readonly<Record<string, string>>): Write[] {
  if (Object.keys(tags).some((key) => key.startsWith('aws:')))
    throw errors.ValidationException('Tag keys that begin with aws: are reserved.');
  return Object.entries(tags).map(([key, value]) => write(sql.putTag, [arn, key, value]));
}

export async function tagsOf({ db }: ServiceTools, arn: Arn): Promise<Record<string, string>> {
  const rows = await db.all<{ name: string; value: string }>(sql.tags, arn);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

export const invalidToken = (): Error => errors.InvalidNextTokenException('The value of NextToken is not valid.');

/** One page of a list that is in order; `keyOf` is what it is ordered by. */
export function pageOf<T>(
  scope: string,
  all: readonly T[],
  most: number,
  keyOf: (item: T) => string,
): { page: readonly T[]; NextToken?: string } {
  const page = all.slice(0, most);
  return { page, ...(all.length > most && { NextToken: encodePageToken(scope, keyOf(page.at(-1)!)) }) };
}
