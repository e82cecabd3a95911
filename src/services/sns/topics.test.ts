import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareAll, testDatabase } from '../../../test/support/database.ts';
import { deliveryMigrations, deliverySql } from '../../engine/delivery-tables.ts';
import { migrations, sql } from './tables.ts';
import { ACCOUNT, refused, REGION, World } from './testing/world.ts';

const ARN = `arn:aws:sns:${REGION}:${ACCOUNT}:news`;
let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.remove());

it('has statements that fit its tables', async () => {
  const database = await testDatabase([
    { owner: 'deliveries', migrations: deliveryMigrations },
    { owner: 'sns', migrations },
  ]);
  expect(prepareAll(database, sql) + prepareAll(database, deliverySql)).toBeGreaterThan(20);
  await database.close();
});

describe('CreateTopic', () => {
  it('gives the same topic for the same name, and refuses another under it', async () => {
    const Tags = [{ Key: 'team', Value: 'web' }];
    expect(await world.call('createTopic', { Name: 'news', Attributes: { DisplayName: 'News' }, Tags })).toEqual({ TopicArn: ARN });
    expect(await world.call('createTopic', { Name: 'news', Attributes: { DisplayName: 'News' }, Tags })).toEqual({ TopicArn: ARN });
    expect(await world.call('createTopic', { Name: 'news' })).toEqual({ TopicArn: ARN });
    expect(await refused(world.call('createTopic', { Name: 'news', Attributes: { DisplayName: 'Other' } }))).toBe(
      'InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    );
    expect(await refused(world.call('createTopic', { Name: 'news', Tags: [] }))).toBe(
      'InvalidParameter: Invalid parameter: Tags Reason: Topic already exists with different tags',
    );
  });

  it('is one topic for callers who ask at the same time', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => world.call('createTopic', { Name: 'news' })));
    expect(answers).toEqual([{ TopicArn: ARN }, { TopicArn: ARN }, { TopicArn: ARN }]);
  });

  it.each([
    [{ Name: 'a b' }, 'Topic Name'],
    [{ Name: 'orders.fifo' }, 'Topic Name Reason: Pipewright has no FIFO topics yet'],
    [
      { Name: 'orders', Attributes: { FifoTopic: 'true' } },
      'Attributes Reason: Pipewright has no FIFO topics yet, so FifoTopic must stay away',
    ],
    [{ Name: 'orders', Attributes: { Colour: 'red' } }, 'AttributeName'],
    [{ Name: 'orders', Attributes: { DeliveryPolicy: '{' } }, 'DeliveryPolicy: failed to parse JSON'],
  ])('refuses %j', async (input, reason) => {
    expect(await refused(world.call('createTopic', input))).toBe(`InvalidParameter: Invalid parameter: ${reason}`);
  });
});

describe('a topic', () => {
  it('shows its attributes, set and reckoned', async () => {
    const TopicArn = await world.topic('news');
    const policy = { http: { defaultHealthyRetryPolicy: { numRetries: 5, minDelayTarget: 1, maxDelayTarget: 9 } } };
    await world.call('setTopicAttributes', { TopicArn, AttributeName: 'DeliveryPolicy', AttributeValue: JSON.stringify(policy) });
    await world.call('setTopicAttributes', { TopicArn, AttributeName: 'SignatureVersion', AttributeValue: '2' });
    const { Attributes } = await world.call('getTopicAttributes', { TopicArn });
    expect(Attributes).toMatchObject({ TopicArn: ARN, Owner: ACCOUNT, SignatureVersion: '2', DisplayName: '', SubscriptionsPending: '0' });
    expect(JSON.parse(Attributes!.EffectiveDeliveryPolicy!)).toMatchObject({
      http: { defaultHealthyRetryPolicy: { numRetries: 5, maxDelayTarget: 9 } },
    });
    expect(JSON.parse(Attributes!.Policy!)).toMatchObject({ Statement: [{ Sid: '__default_statement_ID', Resource: ARN }] });
  });

  it('keeps the permissions that are added to it', async () => {
    const TopicArn = await world.topic();
    const permission = { TopicArn, Label: 'ci', AWSAccountId: ['111122223333'], ActionName: ['Publish'] };
    await world.call('addPermission', permission);
    const statements = async () => {
      const { Attributes } = await world.call('getTopicAttributes', { TopicArn });
      return (JSON.parse(Attributes!.Policy!) as { Statement: { Sid: string; Action: unknown }[] }).Statement;
    };
    expect((await statements())[1]).toMatchObject({
      Sid: 'ci',
      Action: ['SNS:Publish'],
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    });
    expect(await refused(world.call('addPermission', permission))).toContain('Statement already exists');
    expect(await refused(world.call('addPermission', { ...permission, Label: 'x', ActionName: ['Fly'] }))).toContain(
      'out of service scope',
    );
    await world.call('removePermission', { TopicArn, Label: 'ci' });
    expect(await statements()).toHaveLength(1);
  });

  it('has tags', async () => {
    const ResourceArn = await world.topic();
    await world.call('tagResource', {
      ResourceArn,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    await world.call('untagResource', { ResourceArn, TagKeys: ['a'] });
    expect(await world.call('listTagsForResource', { ResourceArn })).toEqual({ Tags: [{ Key: 'b', Value: '2' }] });
    expect(await refused(world.call('listTagsForResource', { ResourceArn: `${ResourceArn}x` }))).toContain('ResourceNotFound');
  });

  it('is gone with all of it when it is deleted, twice too', async () => {
    const TopicArn = await world.topic();
    await world.call('subscribe', { TopicArn, Protocol: 'http', Endpoint: 'http://127.0.0.1:9/' });
    await world.call('deleteTopic', { TopicArn });
    await world.call('deleteTopic', { TopicArn });
    expect(await world.call('listTopics', {})).toEqual({ Topics: [] });
    expect(await world.call('listSubscriptions', {})).toEqual({ Subscriptions: [] });
    expect(await refused(world.call('getTopicAttributes', { TopicArn }))).toBe('NotFound: Topic does not exist');
  });

  it('is listed a hundred at a time', async () => {
    await Promise.all(Array.from({ length: 101 }, (_, n) => world.topic(`t${String(n).padStart(3, '0')}`)));
    const first = await world.call('listTopics', {});
    expect(first.Topics).toHaveLength(100);
    const second = await world.call('listTopics', { NextToken: first.NextToken! });
    expect(second).toEqual({ Topics: [{ TopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:t100` }] });
    expect(await refused(world.call('listTopics', { NextToken: 'x' }))).toContain('NextToken');
  });

  it('belongs to an account and a region', async () => {
    await world.topic();
    expect(await refused(world.call('publish', { TopicArn: ARN.replace(REGION, 'eu-west-1'), Message: 'm' }))).toBe(
      'InvalidParameter: Invalid parameter: TopicArn',
    );
    expect(await refused(world.call('publish', { TopicArn: ARN.replace(ACCOUNT, '999999999999'), Message: 'm' }))).toContain(
      'AuthorizationError',
    );
  });
});
