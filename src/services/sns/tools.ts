import { formatArn, parseArn, type Arn } from '../../kernel/arn.ts';
import type { DeliveryQueue } from '../../engine/deliveries.ts';
import { write, type Write } from '../../ports/database.ts';
import type { Mailer } from '../../ports/mail.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import type { CallContext } from '../../protocol/context.ts';
import type { ServiceTools } from '../../protocol/service.ts';
import { errors, type TagList } from './api.gen.ts';
import { invalidParameter } from './rules/message.ts';
import { sql, type SubscriptionRow, type TopicRow } from './tables.ts';

export interface SnsTools extends ServiceTools {
  readonly secrets: SecretBox;
  /** Absent where no mail server is set up. */
  readonly mailer?: Mailer | undefined;
  /** The base of the URLs in messages, no trailing slash. */
  readonly endpoint: () => string;
}

/** What the operations of this service work with. */
export interface OperationTools extends SnsTools {
  readonly queue: DeliveryQueue;
}

/** Resources live in an account and a region. */
export type Place = Pick<CallContext, 'account' | 'region'>;

export function topicArn({ account, region }: Place, name: string): Arn {
  return formatArn('sns', region, account, name);
}

export function subscriptionArn({ account, region, topic, id }: Pick<SubscriptionRow, 'account' | 'region' | 'topic' | 'id'>): Arn {
  return formatArn('sns', region, account, `${topic}:${id}`);
}

/** The resource's parts of an ARN of this service, of the caller's account and region. Throws InvalidParameter, AuthorizationError. */
function namesIn(ctx: Place, arn: Arn, parameter: string): readonly string[] {
  const parts = parseArn(arn);
  if (parts?.service !== 'sns' || parts.region !== ctx.region) throw invalidParameter(parameter);
  if (parts.account !== ctx.account) throw errors.AuthorizationErrorException(`${arn} belongs to another account`);
  return parts.resource.split(':');
}

/** The name in a topic's ARN. */
export function topicName(ctx: Place, arn: Arn, parameter = 'TopicArn'): string {
  const [name = '', ...more] = namesIn(ctx, arn, parameter);
  if (name === '' || more.length > 0) throw invalidParameter(parameter);
  return name;
}

export interface SubscriptionKey {
  readonly topic: string;
  readonly id: string;
}

export function subscriptionKey(ctx: Place, arn: Arn): SubscriptionKey {
  const [topic = '', id = '', ...more] = namesIn(ctx, arn, 'SubscriptionArn');
  if (topic === '' || id === '' || more.length > 0) throw invalidParameter('SubscriptionArn Reason: An ARN must have at least 6 elements');
  return { topic, id };
}

/** Throws NotFound. */
export async function requireTopic({ db }: SnsTools, ctx: Place, arn: Arn, parameter?: string): Promise<TopicRow> {
  const row = await db.get<TopicRow>(sql.topic, ctx.account, ctx.region, topicName(ctx, arn, parameter));
  if (!row) throw errors.NotFoundException('Topic does not exist');
  return row;
}

/** Throws NotFound. */
export async function requireSubscription({ db }: SnsTools, ctx: Place, arn: Arn): Promise<SubscriptionRow> {
  const { topic, id } = subscriptionKey(ctx, arn);
  const row = await db.get<SubscriptionRow>(sql.subscription, ctx.account, ctx.region, topic, id);
  if (!row) throw errors.NotFoundException('Subscription does not exist');
  return row;
}

/** The writes that put tags on a topic. Keys that begin with `aws:` are refused. */
export function tagWrites(arn: Arn, tags: TagList): Write[] {
  if (tags.some(({ Key }) => Key.toLowerCase().startsWith('aws:')))
    throw invalidParameter('Tags Reason: Tag keys must not begin with aws:');
  return tags.map(({ Key, Value }) => write(sql.putTag, [arn, Key, Value]));
}

export async function tagsOf({ db }: SnsTools, arn: Arn): Promise<TagList> {
  const rows = await db.all<{ name: string; value: string }>(sql.tags, arn);
  return rows.map(({ name, value }) => ({ Key: name, Value: value }));
}

export const invalidToken = (): Error => invalidParameter('NextToken');

/** Topics and subscriptions per page: https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html */
export const PAGE = 100;
