import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refused, World } from './testing/world.ts';

let world: World;
let TopicArn: string;
beforeEach(async () => {
  world = new World();
  await world.start();
  TopicArn = await world.topic();
});
afterEach(() => world.remove());

const attribute = (name: string, DataType: string, StringValue: string) => ({
  Message: 'm',
  MessageAttributes: { [name]: { DataType, StringValue } },
});

describe('Publish', () => {
  it.each([
    [{ Message: '' }, 'InvalidParameter: Invalid parameter: Empty message'],
    [{ Message: 'é'.repeat(131_073) }, 'InvalidParameter: Invalid parameter: Message too long'],
    [{ Message: 'm', Subject: 'two\nlines' }, 'InvalidParameter: Invalid parameter: Subject'],
    [{ Message: 'm', Subject: 's'.repeat(101) }, 'InvalidParameter: Invalid parameter: Subject'],
    [
      { Message: 'm', MessageStructure: 'json' },
      'InvalidParameter: Invalid parameter: Message Structure - JSON message body failed to parse',
    ],
    [
      { Message: '{"http":"x"}', MessageStructure: 'json' },
      'InvalidParameter: Invalid parameter: Message Structure - No default entry in JSON message body',
    ],
    [{ Message: 'm', MessageStructure: 'xml' }, 'InvalidParameter: Invalid parameter: MessageStructure'],
    [attribute('n', 'Number', 'many'), "ParameterValueInvalid: Could not cast message attribute 'n' value to number."],
    [
      attribute('n', 'String', ''),
      "ParameterValueInvalid: The message attribute 'n' must contain non-empty message attribute value for message attribute type 'String'.",
    ],
    [attribute('AWS.x', 'String', 'v'), 'ParameterValueInvalid: Invalid message attribute name: AWS.x'],
    [attribute('a..b', 'String', 'v'), 'ParameterValueInvalid: Invalid message attribute name: a..b'],
    [attribute('a', 'String.Array', '{}'), "ParameterValueInvalid: The message attribute 'a' is no JSON array."],
  ])('refuses %j', async (input, reason) => {
    expect((await refused(world.call('publish', { TopicArn, ...input }))).slice(0, 200)).toBe(reason);
  });

  it('takes 256 KB, and a topic by TargetArn', async () => {
    expect((await world.call('publish', { TargetArn: TopicArn, Message: 'x'.repeat(262_144) })).MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await refused(world.call('publish', { PhoneNumber: '+1', Message: 'm' }))).toContain('sends no text messages');
    expect(await refused(world.call('publish', { TopicArn: `${TopicArn}x`, Message: 'm' }))).toBe('NotFound: Topic does not exist');
  });
});

describe('PublishBatch', () => {
  it('answers for each entry', async () => {
    const PublishBatchRequestEntries = [
      { Id: 'a', Message: '1' },
      { Id: 'b', Message: '' },
      { Id: 'c', Message: '3' },
    ];
    const { Successful, Failed } = await world.call('publishBatch', { TopicArn, PublishBatchRequestEntries });
    expect(Successful!.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(Failed).toEqual([{ Id: 'b', Code: 'InvalidParameter', Message: 'Invalid parameter: Empty message', SenderFault: true }]);
  });

  it.each([
    [[], 'EmptyBatchRequest'],
    [Array.from({ length: 11 }, (_, n) => ({ Id: String(n), Message: 'm' })), 'TooManyEntriesInBatchRequest'],
    [[1, 2].map(() => ({ Id: 'a', Message: 'm' })), 'BatchEntryIdsNotDistinct'],
    [[{ Id: 'a b', Message: 'm' }], 'InvalidBatchEntryId'],
    [[1, 2].map((n) => ({ Id: String(n), Message: 'x'.repeat(150_000) })), 'BatchRequestTooLong'],
  ])('refuses batch %#', async (PublishBatchRequestEntries, code) => {
    expect(await refused(world.call('publishBatch', { TopicArn, PublishBatchRequestEntries }))).toContain(`${code}: `);
  });
});

describe('Subscribe', () => {
  it.each([
    [
      'sqs',
      'arn:aws:sqs:us-east-1:123456789012:q',
      'Protocol Reason: Pipewright does not deliver to sqs yet; it does to http, https, email, email-json.',
    ],
    ['carrier-pigeon', 'x', 'Amazon SNS does not support this protocol string: carrier-pigeon'],
    ['https', 'http://example.com', 'Endpoint must match the specified protocol'],
    ['http', undefined, 'Endpoint'],
    ['email', 'a@b', 'Protocol Reason: no mail server is set up here: start Pipewright with --smtp-url and --mail-from'],
    ['email', 'a@b>\r\nRCPT TO:<c@d', 'Email address'],
  ])('refuses %s to %s', async (Protocol, Endpoint, reason) => {
    const input = { TopicArn, Protocol, ...(Endpoint !== undefined && { Endpoint }) };
    expect(await refused(world.call('subscribe', input))).toBe(`InvalidParameter: Invalid parameter: ${reason}`);
  });

  it('checks attributes, then and later', async () => {
    const input = { TopicArn, Protocol: 'http', Endpoint: 'http://127.0.0.1:9/', ReturnSubscriptionArn: true };
    expect(await refused(world.call('subscribe', { ...input, Attributes: { RedrivePolicy: '{}' } }))).toContain('deadLetterTargetArn');
    expect(await refused(world.call('subscribe', { ...input, Attributes: { FilterPolicy: '{"a":{"b":["c"]}}' } }))).toContain('nested');
    const nested = { FilterPolicy: '{"a":{"b":["c"]}}', FilterPolicyScope: 'MessageBody' };
    const { SubscriptionArn } = await world.call('subscribe', { ...input, Attributes: nested });
    const set = (AttributeName: string, AttributeValue: string) =>
      refused(world.call('setSubscriptionAttributes', { SubscriptionArn: SubscriptionArn!, AttributeName, AttributeValue }));
    expect(await set('FilterPolicyScope', 'MessageAttributes')).toContain('nested');
    expect(await set('Colour', 'red')).toContain('AttributeName');
    expect(await set('FilterPolicy', '')).toBe('it succeeded');
    const RedrivePolicy = '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dead"}';
    expect(await set('RedrivePolicy', RedrivePolicy)).toBe('it succeeded');
    const { Attributes } = await world.call('getSubscriptionAttributes', { SubscriptionArn: SubscriptionArn! });
    expect(Attributes).toMatchObject({ RedrivePolicy, PendingConfirmation: 'true' });
    expect(Attributes!.FilterPolicy).toBeUndefined();
  });
});
