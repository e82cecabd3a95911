import { formatArn, parseArn, type Arn } from '../../kernel/arn.ts';
import { write, type Write } from '../../ports/database.ts';
import type { CallContext } from '../../protocol/context.ts';
import { accessDenied, validationError } from '../../protocol/errors.ts';
import type { ServiceTools } from '../../protocol/service.ts';
import type { Aws } from '../aws.gen.ts';
import { errors } from './api.gen.ts';
import { sql, type BusRow, type RuleRow } from './tables.ts';

export interface EventsTools extends ServiceTools {
  readonly aws: Aws;
}

/** What the operations of this service work with. */
export interface OperationTools extends EventsTools {
  /** Says durably how far the event log has been looked at: part of every unit that changes rules, so that what came before is not looked at with the rules of later. */
  readonly markCursor: () => Write[];
}

/** Resources live in an account and a region. */
export type Place = Pick<CallContext, 'account' | 'region'>;

export const DEFAULT_BUS = 'default';

export function busArn({ account, region }: Place, name: string): Arn {
  return formatArn('events', region, account, `event-bus/${name}`);
}

export function ruleArn({ account, region }: Place, bus: string, name: string): Arn {
  return formatArn('events', region, account, bus === DEFAULT_BUS ? `rule/${name}` : `rule/${bus}/${name}`);
}

/** The name of a bus that is given by its name or its ARN; without either, the default bus. */
export function busName(given: string | undefined): string {
  if (given === undefined) return DEFAULT_BUS;
  const resource = parseArn(given)?.resource;
  return resource?.startsWith('event-bus/') ? resource.slice('event-bus/'.length) : given;
}

/** The bus that a rule's ARN names; undefined for other ARNs. */
export function busOfRule(arn: Arn): string | undefined {
  const [kind, ...names] = parseArn(arn)?.resource.split('/') ?? [];
  if (kind !== 'rule' || names.length === 0) return undefined;
  return names.slice(0, -1).join('/') || DEFAULT_BUS;
}

/** Nobody hands on a role that is not of his account: whoever assumes it would act there. Throws AccessDeniedException. */
export function checkRole(ctx: Place, role: Arn | undefined): void {
  if (role !== undefined && parseArn(role)?.account !== ctx.account) throw accessDenied('Cross-account pass role is not allowed.');
}

/** The bus as it is stored; undefined for the default bus, which is there without a row. Throws ResourceNotFoundException. */
export async function requireBus({ db }: ServiceTools, ctx: Place, name: string): Promise<BusRow | undefined> {
  const row = await db.get<BusRow>(sql.bus, ctx.account, ctx.region, name);
  if (!row && name !== DEFAULT_BUS) throw errors.ResourceNotFoundException(`Event bus ${name} does not exist.`);
  return row;
}

export async function requireRule(tools: ServiceTools, ctx: Place, bus: string, name: string): Promise<RuleRow> {
  const row = await tools.db.get<RuleRow>(sql.rule, ctx.account, ctx.region, bus, name);
  if (row) return row;
  await requireBus(tools, ctx, bus);
  throw errors.ResourceNotFoundException(`Rule ${name} does not exist on EventBus ${bus}.`);
}

/** The writes that put tags on a resource. Keys that begin with `aws:` are refused. */
export function tagWrites(arn: Arn, tags: readonly { readonly Key: string; readonly Value: string }[]): Write[] {
  if (tags.some(({ Key }) => Key.startsWith('aws:'))) throw validationError('Tag keys that begin with aws: are reserved for system use.');
  return tags.map(({ Key, Value }) => write(sql.putTag, [arn, Key, Value]));
}

export const invalidToken = (): Error => validationError('The specified NextToken is not valid.');
