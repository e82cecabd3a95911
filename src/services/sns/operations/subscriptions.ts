import { timingSafeEqual } from 'node:crypto';
import { parseArn, type Arn } from '../../../kernel/arn.ts';
import { write, WriteConflict, type Write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type SubscribeInput } from '../api.gen.ts';
import { confirmationWrites } from '../delivery/outgoing.ts';
import { checkEndpoint, type Endpoint } from '../rules/endpoint.ts';
import { invalidParameter } from '../rules/message.ts';
import { newSubscriptionAttributes } from '../rules/subscription-attributes.ts';
import { sql, type SubscriptionRow, type TopicRow } from '../tables.ts';
import { requireTopic, subscriptionArn, subscriptionKey, topicName, type OperationTools, type Place } from '../tools.ts';
import { lost } from './topics.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html: confirmation tokens are valid for two days. */
const TOKEN_MS = 2 * 86_400_000;
const ID_HEX = 32;

/** How somebody came to confirm or end a subscription: by a signed request, or by the link in a message. */
export interface Visitor {
  readonly signed: boolean;
}

/** What links in messages do, for whoever holds them. */
export interface SubscriptionLinks {
  /** The topic's ARN says the place. Throws InvalidParameter, NotFound. */
  confirm(topicArn: Arn, token: string): Promise<Arn>;
  /** Throws AuthorizationError where only a signed request may. */
  unsubscribe(subscriptionArn: Arn): Promise<void>;
}

function mailNeeded({ mailer }: OperationTools, { protocol }: Endpoint): void {
  if ((protocol === 'email' || protocol === 'email-json') && !mailer)
    throw invalidParameter('Protocol Reason: no mail server is set up here: start Pipewright with --smtp-url and --mail-from');
}

/** The token names its subscription, so that it can be found; the rest is random. */
function newToken({ ids }: OperationTools, id: string): string {
  return `${id.replaceAll('-', '')}${ids.hex(48)}`;
}

function idOf(token: string): string {
  return token.slice(0, ID_HEX).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** A pending subscription, new or asked for again, with its writes. */
function pending(tools: OperationTools, topic: TopicRow, subscription: SubscriptionRow): Write[] {
  const { secrets, clock } = tools;
  const { account, region, id, protocol, endpoint, password, attributes, principal } = subscription;
  const token = newToken(tools, id);
  const [sealed, expires] = [secrets.seal(token), clock.now() + TOKEN_MS];
  const confirmation = confirmationWrites(tools, subscription, token);
  if (subscription.token !== null) {
    const renewal = [attributes, password, sealed, expires, principal, account, region, topic.name, id];
    return [write(sql.renewSubscription, renewal, { expect: 1 }), ...confirmation];
  }
  const row = [id, protocol, endpoint, password, attributes, sealed, expires, principal, account, region, topic.name];
  return [write(sql.insertSubscription, row, { expect: 1 }), ...confirmation];
}

function newSubscription(tools: OperationTools, ctx: CallContext, topic: TopicRow, endpoint: Endpoint): SubscriptionRow {
  const { account, region, name } = topic;
  const place = { account, region, topic: name, id: tools.ids.uuid() };
  const target = { protocol: endpoint.protocol, endpoint: endpoint.shown, password: null, attributes: '{}' };
  return {
    ...place,
    ...target,
    state: 'pending',
    token: null,
    token_expires: 0,
    authenticated: 0,
    guarded: 0,
    principal: ctx.principal.arn,
  };
}

/** The writes of a Subscribe; none where the subscription is there and confirmed. */
function subscribeWrites(tools: OperationTools, topic: TopicRow, wanted: SubscriptionRow, there: SubscriptionRow | undefined): Write[] {
  if (there?.state !== 'confirmed') return pending(tools, topic, wanted);
  if (there.attributes !== wanted.attributes && wanted.attributes !== '{}')
    throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
  return [];
}

export async function unsubscribe(tools: OperationTools, ctx: Place, arn: Arn, { signed }: Visitor): Promise<void> {
  const { topic, id } = subscriptionKey(ctx, arn);
  const key = [ctx.account, ctx.region, topic, id];
  const row = await tools.db.get<SubscriptionRow>(sql.subscription, ...key);
  if (!row) return;
  if (row.guarded === 1 && !signed) throw errors.AuthorizationErrorException('Only a signed request ends this subscription.');
  const counted = write(sql.countDeleted, [ctx.account, ctx.region, topic]);
  await tools.commits.commit([write(sql.deleteSubscription, key, { expect: 1 }), counted]).catch((error: unknown) => {
    // Somebody else has ended it in this moment.
    if (!(error instanceof WriteConflict)) throw error;
  });
}

export async function confirm(
  tools: OperationTools,
  ctx: Place,
  { arn, token, guarded = false }: { arn: Arn; token: string; guarded?: boolean },
  { signed }: Visitor,
): Promise<Arn> {
  const key = [ctx.account, ctx.region, topicName(ctx, arn), idOf(token)];
  const row = await tools.db.get<SubscriptionRow>(sql.subscription, ...key);
  if (!row?.token || !sameText(tools.secrets.open(row.token), token)) throw invalidParameter('Token');
  if (row.token_expires <= tools.clock.now()) throw invalidParameter('Token Reason: it has expired; subscribe again');
  if (row.state === 'pending') {
    const change = write(sql.confirm, [signed ? 1 : 0, signed && guarded ? 1 : 0, ...key], { expect: 1 });
    await tools.commits.commit([change]).catch((error: unknown) => {
      // Confirmed twice in the same moment is confirmed.
      if (!(error instanceof WriteConflict)) throw error;
    });
  }
  return subscriptionArn(row);
}

/** What the links in messages do; the ARN in a link says whose it is. */
export function subscriptionLinks(tools: OperationTools): SubscriptionLinks {
  const place = (arn: Arn, parameter: string): Place => {
    const parts = parseArn(arn);
    if (!parts) throw invalidParameter(parameter);
    return parts;
  };
  return {
    confirm: (arn, token) => confirm(tools, place(arn, 'TopicArn'), { arn, token }, { signed: false }),
    unsubscribe: (arn) => unsubscribe(tools, place(arn, 'SubscriptionArn'), arn, { signed: false }),
  };
}

export function subscriptionOperations(tools: OperationTools): Pick<Api, 'subscribe' | 'confirmSubscription' | 'unsubscribe'> {
  const { db, commits, secrets } = tools;

  async function subscribe(input: SubscribeInput, ctx: CallContext): Promise<{ SubscriptionArn: string }> {
    const endpoint = checkEndpoint(input.Protocol, input.Endpoint);
    mailNeeded(tools, endpoint);
    const given = JSON.stringify(newSubscriptionAttributes(input.Attributes ?? {}));
    const topic = await requireTopic(tools, ctx, input.TopicArn);
    const key = [ctx.account, ctx.region, topic.name, endpoint.protocol, endpoint.shown];
    const there = await db.get<SubscriptionRow>(sql.subscriptionOf, ...key);
    const password = endpoint.password === undefined ? null : secrets.seal(endpoint.password);
    const wanted = { ...(there ?? newSubscription(tools, ctx, topic, endpoint)), password, attributes: given };
    await commits.commit(subscribeWrites(tools, topic, wanted, there)).catch(lost);
    const shown = there?.state === 'confirmed' || input.ReturnSubscriptionArn === true;
    return { SubscriptionArn: shown ? subscriptionArn(wanted) : 'pending confirmation' };
  }

  return {
    subscribe,
    async confirmSubscription({ TopicArn: arn, Token: token, AuthenticateOnUnsubscribe }, ctx) {
      const guarded = AuthenticateOnUnsubscribe?.toLowerCase() === 'true';
      return { SubscriptionArn: await confirm(tools, ctx, { arn, token, guarded }, { signed: true }) };
    },
    unsubscribe: ({ SubscriptionArn }, ctx) => unsubscribe(tools, ctx, SubscriptionArn, { signed: true }),
  };
}
