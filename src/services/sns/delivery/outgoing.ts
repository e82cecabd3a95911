import type { Recipient } from '../../../engine/deliveries.ts';
import type { Write } from '../../../ports/database.ts';
import type { Outgoing } from '../rules/document.ts';
import { passes } from '../rules/filter-policy.ts';
import type { Message } from '../rules/message.ts';
import { textFor } from '../rules/document.ts';
import { filterOf, scopeOf } from '../rules/subscription-attributes.ts';
import { parseAttributes } from '../rules/topic-attributes.ts';
import { sql, type SubscriptionRow, type TopicRow } from '../tables.ts';
import { subscriptionArn, topicArn, type OperationTools } from '../tools.ts';

/** One delivery per message and subscription. */
function recipient(outgoing: Outgoing, subscription: SubscriptionRow): Recipient {
  const arn = subscriptionArn(subscription);
  return { id: `sns/${outgoing.messageId}/${subscription.id}`, destination: arn, address: arn };
}

/** Messages may hold tokens (confirmations, approvals), so they are sealed while they wait. */
function enqueue({ queue, secrets }: OperationTools, outgoing: Outgoing, to: readonly SubscriptionRow[]): Write[] {
  return queue.enqueue(
    to.length === 0 ? '' : secrets.seal(JSON.stringify(outgoing)),
    to.map((subscription) => recipient(outgoing, subscription)),
  );
}

function wants(subscription: SubscriptionRow, outgoing: Outgoing & { type: 'Notification' }): boolean {
  const attributes = parseAttributes(subscription.attributes);
  const filter = filterOf(attributes);
  if (!filter) return true;
  return passes(filter, scopeOf(attributes), { text: textFor(outgoing, subscription.protocol), attributes: outgoing.attributes });
}

export interface Published {
  readonly messageId: string;
  /** Committed before the publication is acknowledged. */
  readonly writes: readonly Write[];
}

/** A message to all subscriptions of a topic whose filters let it through. */
export async function publishWrites(tools: OperationTools, topic: TopicRow, messages: readonly Message[]): Promise<readonly Published[]> {
  const { account, region, name } = topic;
  const subscriptions = await tools.db.all<SubscriptionRow>(sql.subscriptionsOfTopic, account, region, name);
  return messages.map((message) => {
    const messageId = tools.ids.uuid();
    const outgoing = { type: 'Notification', messageId, topicArn: topicArn(topic, name), time: tools.clock.now(), ...message } as const;
    const to = subscriptions.filter((subscription) => wants(subscription, outgoing));
    return { messageId, writes: enqueue(tools, outgoing, to) };
  });
}

/** The confirmation that a new subscription is asked for. */
export function confirmationWrites(tools: OperationTools, subscription: SubscriptionRow, token: string): Write[] {
  const { topic } = subscription;
  const common = { messageId: tools.ids.uuid(), topicArn: topicArn(subscription, topic), time: tools.clock.now() };
  return enqueue(tools, { type: 'SubscriptionConfirmation', ...common, token }, [subscription]);
}
