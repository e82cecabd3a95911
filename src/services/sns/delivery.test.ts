import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { json, Receiver, type Posted } from '../../../test/support/receiver.ts';
import { ACCOUNT, BASE, refused, World } from './testing/world.ts';

let world: World;
let receiver: Receiver;
beforeEach(async () => {
  world = new World();
  await world.start();
  receiver = await Receiver.start();
});
afterEach(async () => {
  await world.remove();
  await receiver.end();
});

/** As validators of SNS messages do it: the listed members that are there, each name and value on its own line. */
function signedText(document: Record<string, string>): string {
  const names =
    document.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  return names
    .filter((name) => document[name] !== undefined)
    .map((name) => `${name}\n${document[name]}\n`)
    .join('');
}

async function isGenuine(post: Posted): Promise<boolean> {
  const document = json(post);
  const certificate = await world.sns.certificateAt(new URL(document.SigningCertURL!).pathname);
  const key = createPublicKey(certificate!);
  const digest = document.SignatureVersion === '1' ? 'sha1' : 'sha256';
  return verify(digest, Buffer.from(signedText(document)), key, Buffer.from(document.Signature!, 'base64'));
}

const ofType =
  (type: string) =>
  ({ headers }: Posted): boolean =>
    headers['x-amz-sns-message-type'] === type;

/** Subscribes the receiver, and confirms with the token it is sent. */
async function subscribed(TopicArn: string, path: string, Attributes: Record<string, string> = {}): Promise<string> {
  await world.call('subscribe', { TopicArn, Protocol: 'http', Endpoint: receiver.url + path, Attributes });
  const { Token } = json(await receiver.post((post) => post.path === path && ofType('SubscriptionConfirmation')(post)));
  return (await world.call('confirmSubscription', { TopicArn, Token: Token! })).SubscriptionArn!;
}

describe('a subscription to a web address', () => {
  it('is confirmed by the token that it is sent', async () => {
    const TopicArn = await world.topic();
    const { SubscriptionArn } = await world.call('subscribe', { TopicArn, Protocol: 'http', Endpoint: `${receiver.url}/hook` });
    expect(SubscriptionArn).toBe('pending confirmation');
    const post = await receiver.post();
    expect(post.headers).toMatchObject({ 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-topic-arn': TopicArn });
    expect(post.headers['x-amz-sns-subscription-arn']).toBeUndefined();
    const { Token, Type, SubscribeURL } = json(post);
    expect(Type).toBe('SubscriptionConfirmation');
    expect(SubscribeURL).toBe(`${BASE}/?${new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn, Token: Token! }).toString()}`);
    expect(await isGenuine(post)).toBe(true);

    expect((await world.call('listSubscriptions', {})).Subscriptions).toMatchObject([{ SubscriptionArn: 'PendingConfirmation' }]);
    expect(await refused(world.sns.links.confirm(TopicArn, `${Token!.slice(0, -1)}x`))).toBe('InvalidParameter: Invalid parameter: Token');
    const arn = await world.sns.links.confirm(TopicArn, Token!);
    expect(arn).toMatch(new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`));
    expect(await world.sns.links.confirm(TopicArn, Token!)).toBe(arn);
    const { Attributes } = await world.call('getSubscriptionAttributes', { SubscriptionArn: arn });
    expect(Attributes).toMatchObject({
      PendingConfirmation: 'false',
      ConfirmationWasAuthenticated: 'false',
      RawMessageDelivery: 'false',
      Owner: ACCOUNT,
    });
  });

  it('is told of its messages, signed', async () => {
    const TopicArn = await world.topic();
    const arn = await subscribed(TopicArn, '/a');
    const MessageAttributes = {
      size: { DataType: 'Number', StringValue: '3' },
      raw: { DataType: 'Binary', BinaryValue: Buffer.from('hi') },
    };
    const { MessageId } = await world.call('publish', { TopicArn, Message: 'Grüße\nan alle', Subject: 'Hello', MessageAttributes });
    const post = await receiver.post(ofType('Notification'));
    expect(post.headers).toMatchObject({
      'x-amz-sns-message-id': MessageId,
      'x-amz-sns-subscription-arn': arn,
      'user-agent': 'Amazon Simple Notification Service Agent',
    });
    expect(json(post)).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'Hello',
      Message: 'Grüße\nan alle',
      Timestamp: '2026-01-01T12:00:00.000Z',
      SignatureVersion: '1',
      UnsubscribeURL: `${BASE}/?${new URLSearchParams({ Action: 'Unsubscribe', SubscriptionArn: arn }).toString()}`,
      MessageAttributes: { size: { Type: 'Number', Value: '3' }, raw: { Type: 'Binary', Value: 'aGk=' } },
    });
    expect(await isGenuine(post)).toBe(true);
    expect(await isGenuine({ ...post, text: post.text.replace('Hello', 'Hallo') })).toBe(false);
  });

  it('is signed with SHA256 where the topic says version 2, by a certificate that any TLS library reads', async () => {
    const TopicArn = await world.topic('news', { SignatureVersion: '2' });
    await subscribed(TopicArn, '/a');
    await world.call('publish', { TopicArn, Message: 'm' });
    const post = await receiver.post(ofType('Notification'));
    expect(json(post).SignatureVersion).toBe('2');
    expect(await isGenuine(post)).toBe(true);
    const certificate = new X509Certificate((await world.sns.certificateAt(new URL(json(post).SigningCertURL!).pathname))!);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe('CN=sns.pipewright');
    expect(certificate.ca).toBe(false);
    expect(await world.sns.certificateAt('/SimpleNotificationService-00.pem')).toBeUndefined();
  });

  it('gets the bare message where it asks for that, and the text of its protocol', async () => {
    const TopicArn = await world.topic();
    await subscribed(TopicArn, '/raw', {
      RawMessageDelivery: 'true',
      DeliveryPolicy: '{"requestPolicy":{"headerContentType":"application/json"}}',
    });
    await world.call('publish', { TopicArn, Message: '{"default":"d","http":"{\\"for\\":\\"http\\"}"}', MessageStructure: 'json' });
    const post = await receiver.post(ofType('Notification'));
    expect(post.text).toBe('{"for":"http"}');
    expect(post.headers).toMatchObject({ 'x-amz-sns-rawdelivery': 'true', 'content-type': 'application/json' });
  });

  it('is filtered', async () => {
    const TopicArn = await world.topic();
    await subscribed(TopicArn, '/big', { FilterPolicy: '{"size":[{"numeric":[">",2]}]}' });
    await subscribed(TopicArn, '/body', { FilterPolicy: '{"order":{"kind":["tea"]}}', FilterPolicyScope: 'MessageBody' });
    const size = (StringValue: string) => ({ size: { DataType: 'Number', StringValue } });
    await world.call('publish', { TopicArn, Message: '{"order":{"kind":"tea"}}', MessageAttributes: size('1') });
    await world.call('publish', { TopicArn, Message: 'no JSON', MessageAttributes: size('3') });
    const big = await receiver.post((post) => post.path === '/big' && ofType('Notification')(post));
    const body = await receiver.post((post) => post.path === '/body' && ofType('Notification')(post));
    expect([json(big).Message, json(body).Message]).toEqual(['no JSON', '{"order":{"kind":"tea"}}']);
    expect(receiver.posts.filter(ofType('Notification'))).toHaveLength(2);
  });

  it('ends by its link, unless only a signed request may end it', async () => {
    const TopicArn = await world.topic();
    const open = await subscribed(TopicArn, '/open');
    await world.call('subscribe', { TopicArn, Protocol: 'http', Endpoint: `${receiver.url}/guarded` });
    const { Token } = json(await receiver.post(({ path }) => path === '/guarded'));
    const confirmation = { TopicArn, Token: Token!, AuthenticateOnUnsubscribe: 'true' };
    const guarded = (await world.call('confirmSubscription', confirmation)).SubscriptionArn!;
    expect(await refused(world.sns.links.unsubscribe(guarded))).toContain('AuthorizationError');
    await world.sns.links.unsubscribe(open);
    await world.sns.links.unsubscribe(open);
    const { Subscriptions } = await world.call('listSubscriptionsByTopic', { TopicArn });
    expect(Subscriptions!.map(({ SubscriptionArn }) => SubscriptionArn)).toEqual([guarded]);
    await world.call('unsubscribe', { SubscriptionArn: guarded });
    expect((await world.call('getTopicAttributes', { TopicArn })).Attributes).toMatchObject({
      SubscriptionsDeleted: '2',
      SubscriptionsConfirmed: '0',
    });
  });

  it('is the same one for the same address, and asks again while it is pending', async () => {
    const TopicArn = await world.topic();
    const input = { TopicArn, Protocol: 'http', Endpoint: `${receiver.url}/a`, ReturnSubscriptionArn: true };
    const first = await world.call('subscribe', input);
    const old = json(await receiver.post()).Token!;
    expect(await world.call('subscribe', input)).toEqual(first);
    const { Token } = json(await receiver.post(() => true, 2));
    expect(await refused(world.call('confirmSubscription', { TopicArn, Token: old }))).toContain('Token');
    world.pass(2 * 86_400 + 1);
    expect(await refused(world.call('confirmSubscription', { TopicArn, Token: Token! }))).toContain('expired');
    await world.call('subscribe', input);
    const third = json(await receiver.post(() => true, 3)).Token!;
    expect(await world.call('confirmSubscription', { TopicArn, Token: third })).toEqual(first);
    expect(await world.call('subscribe', { ...input, ReturnSubscriptionArn: false })).toEqual(first);
    expect(await refused(world.call('subscribe', { ...input, Attributes: { RawMessageDelivery: 'true' } }))).toContain(
      'different attributes',
    );
  });

  it('keeps a password of its URL to itself, and uses it', async () => {
    const TopicArn = await world.topic();
    const url = new URL(`${receiver.url}/a`);
    [url.username, url.password] = ['me', 'se cret'];
    await world.call('subscribe', { TopicArn, Protocol: 'http', Endpoint: url.href });
    const post = await receiver.post();
    expect(post.headers.authorization).toBe(`Basic ${Buffer.from('me:se cret').toString('base64')}`);
    const [subscription] = (await world.call('listSubscriptions', {})).Subscriptions!;
    expect(subscription!.Endpoint).toBe(`http://me:****@127.0.0.1:${receiver.port}/a`);
  });
});

describe('a delivery', () => {
  const notifications = () => receiver.posts.filter(ofType('Notification'));

  it('is tried again as AWS does by default: three times, twenty seconds apart, the same message each time', async () => {
    const TopicArn = await world.topic();
    const arn = await subscribed(TopicArn, '/a');
    receiver.answer = () => 503;
    await world.call('publish', { TopicArn, Message: 'm' });
    for (const attempt of [1, 2, 3]) {
      expect(await world.line('is to be tried again')).toMatchObject({
        fields: { attempt, inMs: 20_000, reason: 'it answered 503', destination: arn },
      });
      world.pass(20);
    }
    await world.line('was given up');
    expect(await world.failed()).toMatchObject([{ destination: arn, error: 'it answered 503 (after 4 attempts)' }]);
    expect(new Set(notifications().map((post) => json(post).MessageId)).size).toBe(1);
    expect(notifications()).toHaveLength(4);
  });

  it('survives a restart while it waits', async () => {
    const TopicArn = await world.topic();
    await subscribed(TopicArn, '/a');
    receiver.answer = () => 500;
    const { MessageId } = await world.call('publish', { TopicArn, Message: 'm' });
    await world.line('is to be tried again');
    receiver.answer = () => 200;
    world.clock.advance(20_000);
    await world.restart();
    expect(json(await receiver.post(ofType('Notification'), 2)).MessageId).toBe(MessageId);
  });

  it('that was cut off in the middle is done again', async () => {
    const TopicArn = await world.topic();
    await subscribed(TopicArn, '/a');
    receiver.answer = () => 'hang';
    await world.call('publish', { TopicArn, Message: 'm' });
    await receiver.post(ofType('Notification'));
    receiver.answer = () => 200;
    await world.restart();
    await receiver.post(ofType('Notification'), 2);
  });

  it('is given up at once where the answer says that it is no use', async () => {
    const TopicArn = await world.topic();
    await subscribed(TopicArn, '/a');
    receiver.answer = () => 403;
    await world.call('publish', { TopicArn, Message: 'm' });
    expect(await world.line('was given up')).toMatchObject({ fields: { reason: 'it answered 403', attempt: 1 } });
  });

  it('to one address does not hold up another', async () => {
    const TopicArn = await world.topic();
    await subscribed(TopicArn, '/slow');
    await subscribed(TopicArn, '/quick');
    receiver.answer = ({ path }) => (path === '/slow' ? 'hang' : 200);
    for (let n = 1; n <= 30; n++) await world.call('publish', { TopicArn, Message: String(n) });
    await receiver.post((post) => post.path === '/quick' && ofType('Notification')(post), 30);
    const texts = receiver.posts.filter((post) => post.path === '/quick' && ofType('Notification')(post)).map((post) => json(post).Message);
    expect(new Set(texts).size).toBe(30);
  });
});
