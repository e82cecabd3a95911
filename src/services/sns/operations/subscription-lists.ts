import { write } from '../../../ports/database.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import type { Api, Subscription } from '../api.gen.ts';
import { effectivePolicy } from '../rules/retry.ts';
import { checkSubscriptionAttribute, isRaw, scopeOf } from '../rules/subscription-attributes.ts';
import { parseAttributes, withAttribute } from '../rules/topic-attributes.ts';
import { sql, type SubscriptionRow, type TopicRow } from '../tables.ts';
import { invalidToken, PAGE, requireSubscription, requireTopic, subscriptionArn, topicArn, type OperationTools } from '../tools.ts';
import { lost } from './topics.ts';

type Operations = Pick<Api, 'listSubscriptions' | 'listSubscriptionsByTopic' | 'getSubscriptionAttributes' | 'setSubscriptionAttributes'>;

function listed(row: SubscriptionRow): Subscription {
  return {
    SubscriptionArn: row.state === 'confirmed' ? subscriptionArn(row) : 'PendingConfirmation',
    Owner: row.account,
    Protocol: row.protocol,
    Endpoint: row.endpoint,
    TopicArn: topicArn(row, row.topic),
  };
}

function view(row: SubscriptionRow, topic: TopicRow): Record<string, string> {
  const attributes = parseAttributes(row.attributes);
  const { retry } = effectivePolicy(attributes.DeliveryPolicy, parseAttributes(topic.attributes).DeliveryPolicy);
  return {
    ...attributes,
    SubscriptionArn: subscriptionArn(row),
    TopicArn: topicArn(row, row.topic),
    Owner: row.account,
    SubscriptionPrincipal: row.principal,
    Protocol: row.protocol,
    Endpoint: row.endpoint,
    PendingConfirmation: String(row.state === 'pending'),
    ConfirmationWasAuthenticated: String(row.authenticated === 1),
    RawMessageDelivery: String(isRaw(attributes)),
    ...(attributes.FilterPolicy !== undefined && { FilterPolicyScope: scopeOf(attributes) }),
    ...(row.protocol.startsWith('http') && { EffectiveDeliveryPolicy: JSON.stringify({ healthyRetryPolicy: retry }) }),
  };
}

export function subscriptionListOperations(tools: OperationTools): Operations {
  const { db, commits } = tools;
  return {
    async listSubscriptions({ NextToken }, ctx) {
      const cursor = String(decodePageToken('subscriptions', NextToken, invalidToken) ?? '');
      const [topic = '', id = ''] = cursor.split(':');
      const rows = await db.all<SubscriptionRow>(sql.subscriptionsAfter, ctx.account, ctx.region, topic, topic, id, PAGE + 1);
      const page = rows.slice(0, PAGE);
      const last = page.at(-1);
      const more = rows.length > PAGE && last && { NextToken: encodePageToken('subscriptions', `${last.topic}:${last.id}`) };
      return { Subscriptions: page.map(listed), ...more };
    },

    async listSubscriptionsByTopic({ TopicArn, NextToken }, ctx) {
      const { name } = await requireTopic(tools, ctx, TopicArn);
      const scope = `subscriptions of ${TopicArn}`;
      const after = String(decodePageToken(scope, NextToken, invalidToken) ?? '');
      const rows = await db.all<SubscriptionRow>(sql.ofTopicAfter, ctx.account, ctx.region, name, after, PAGE + 1);
      const page = rows.slice(0, PAGE);
      return { Subscriptions: page.map(listed), ...(rows.length > PAGE && { NextToken: encodePageToken(scope, page.at(-1)!.id) }) };
    },

    async getSubscriptionAttributes({ SubscriptionArn }, ctx) {
      const row = await requireSubscription(tools, ctx, SubscriptionArn);
      return { Attributes: view(row, await requireTopic(tools, ctx, topicArn(ctx, row.topic))) };
    },

    async setSubscriptionAttributes({ SubscriptionArn, AttributeName: name, AttributeValue: value = '' }, ctx) {
      const row = await requireSubscription(tools, ctx, SubscriptionArn);
      const attributes = withAttribute(parseAttributes(row.attributes), name, value);
      checkSubscriptionAttribute(name, value, attributes);
      const key = [ctx.account, ctx.region, row.topic, row.id, row.attributes];
      await commits.commit([write(sql.setSubscription, [JSON.stringify(attributes), ...key], { expect: 1 })]).catch(lost);
    },
  };
}
