import { write, WriteConflict } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type CreateTopicInput } from '../api.gen.ts';
import { invalidParameter } from '../rules/message.ts';
import { defaultPolicy } from '../rules/policy.ts';
import { effectivePolicy } from '../rules/retry.ts';
import { checkTopicAttribute, checkTopicName, newTopicAttributes, parseAttributes, withAttribute } from '../rules/topic-attributes.ts';
import { sql, type TopicRow } from '../tables.ts';
import { invalidToken, PAGE, requireTopic, tagsOf, tagWrites, topicArn, topicName, type OperationTools } from '../tools.ts';

type Operations = Pick<Api, 'createTopic' | 'deleteTopic' | 'listTopics' | 'getTopicAttributes' | 'setTopicAttributes'>;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A name that is taken is no error where the topic is the one that is asked for. */
async function sameTopic(tools: OperationTools, row: TopicRow, { Attributes = {}, Tags }: CreateTopicInput): Promise<void> {
  const there = parseAttributes(row.attributes);
  const differs = Object.entries(newTopicAttributes(Attributes)).some(([name, value]) => there[name] !== value);
  if (differs) throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  if (Tags === undefined) return;
  const text = (tags: typeof Tags): string => JSON.stringify(tags.map(({ Key, Value }) => JSON.stringify([Key, Value])).toSorted(byText));
  if (text(Tags) !== text(await tagsOf(tools, topicArn(row, row.name))))
    throw invalidParameter('Tags Reason: Topic already exists with different tags');
}

/** Who has changed a topic meanwhile has won. */
export function lost(error: unknown): never {
  if (error instanceof WriteConflict)
    throw errors.ConcurrentAccessException('The topic or subscription has been changed at the same time. Try again.');
  throw error;
}

async function view(tools: OperationTools, row: TopicRow): Promise<Record<string, string>> {
  const { account, region, name } = row;
  const counts = await tools.db.all<{ state: string; n: number }>(sql.subscriptionCounts, account, region, name);
  const count = (state: string): string => String(counts.find((each) => each.state === state)?.n ?? 0);
  const arn = topicArn(row, name);
  const attributes = parseAttributes(row.attributes);
  return {
    Policy: defaultPolicy(arn, account),
    DisplayName: '',
    ...attributes,
    TopicArn: arn,
    Owner: account,
    SubscriptionsConfirmed: count('confirmed'),
    SubscriptionsPending: count('pending'),
    SubscriptionsDeleted: String(row.deleted),
    EffectiveDeliveryPolicy: JSON.stringify({
      http: { defaultHealthyRetryPolicy: effectivePolicy(undefined, attributes.DeliveryPolicy).retry, disableSubscriptionOverrides: false },
    }),
  };
}

export function topicOperations(tools: OperationTools): Operations {
  const { db, commits, clock } = tools;

  async function existing(input: CreateTopicInput, ctx: CallContext): Promise<{ TopicArn: string } | undefined> {
    const row = await db.get<TopicRow>(sql.topic, ctx.account, ctx.region, input.Name);
    if (!row) return undefined;
    await sameTopic(tools, row, input);
    return { TopicArn: topicArn(ctx, input.Name) };
  }

  return {
    async createTopic(input, ctx) {
      const { Name: name, Attributes = {}, Tags = [], DataProtectionPolicy } = input;
      checkTopicName(name);
      if (DataProtectionPolicy !== undefined)
        throw invalidParameter('DataProtectionPolicy Reason: Pipewright has no data protection policies yet');
      const attributes = JSON.stringify(newTopicAttributes(Attributes));
      const found = await existing(input, ctx);
      if (found) return found;
      const arn = topicArn(ctx, name);
      try {
        const insertion = write(sql.insertTopic, [ctx.account, ctx.region, name, attributes, clock.now()]);
        await commits.commit([insertion, ...tagWrites(arn, Tags)]);
      } catch (error) {
        const won = error instanceof WriteConflict && (await existing(input, ctx));
        if (!won) throw error;
      }
      return { TopicArn: arn };
    },

    async deleteTopic({ TopicArn: arn }, ctx) {
      const name = topicName(ctx, arn);
      const key = [ctx.account, ctx.region, name];
      // The deletion of what is not there succeeds, as in AWS.
      await commits.commit([write(sql.deleteTopic, key), write(sql.deleteSubscriptions, key), write(sql.deleteTags, [arn])]);
    },

    async listTopics({ NextToken }, ctx) {
      const after = String(decodePageToken('topics', NextToken, invalidToken) ?? '');
      const rows = await db.all<TopicRow>(sql.topicsAfter, ctx.account, ctx.region, after, PAGE + 1);
      const page = rows.slice(0, PAGE);
      const Topics = page.map(({ name }) => ({ TopicArn: topicArn(ctx, name) }));
      return { Topics, ...(rows.length > PAGE && { NextToken: encodePageToken('topics', page.at(-1)!.name) }) };
    },

    async getTopicAttributes({ TopicArn }, ctx) {
      return { Attributes: await view(tools, await requireTopic(tools, ctx, TopicArn)) };
    },

    async setTopicAttributes({ TopicArn, AttributeName: name, AttributeValue: value = '' }, ctx) {
      const row = await requireTopic(tools, ctx, TopicArn);
      if (name === 'FifoTopic') throw invalidParameter('AttributeName');
      checkTopicAttribute(name, value);
      const attributes = JSON.stringify(withAttribute(parseAttributes(row.attributes), name, value));
      const change = write(sql.setTopic, [attributes, ctx.account, ctx.region, row.name, row.attributes], { expect: 1 });
      await commits.commit([change]).catch(lost);
    },
  };
}
