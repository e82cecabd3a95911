import { afterEach, beforeEach, expect, it } from 'vitest';
import { MailServer } from '../../../test/support/smtp.ts';
import { smtpMailer } from '../../store/mail/index.ts';
import { BASE, World } from './testing/world.ts';

let world: World;
let server: MailServer;
beforeEach(async () => {
  server = await MailServer.start();
  world = new World();
  world.mailer = smtpMailer({ url: `smtp://127.0.0.1:${server.port}`, from: 'pipewright@example.com' });
  await world.start();
});
afterEach(async () => {
  await world.remove();
  await server.end();
});

async function subscribed(TopicArn: string, Protocol: string, Endpoint: string): Promise<string> {
  await world.call('subscribe', { TopicArn, Protocol, Endpoint });
  const { text } = await server.mail(({ to }) => to === Endpoint);
  const token = /Token=([0-9a-f]+)/.exec(text)![1]!;
  return (await world.call('confirmSubscription', { TopicArn, Token: token })).SubscriptionArn!;
}

it('asks by mail, by the link of a page, then tells by mail', async () => {
  const TopicArn = await world.topic('news', { DisplayName: 'Bücher' });
  const arn = await subscribed(TopicArn, 'email', 'ann@example.com');
  const asked = await server.mail();
  expect(asked.text).toContain(`${BASE}/_pipewright/sns/confirm?`);
  expect(asked.headers).not.toHaveProperty('list-unsubscribe');
  await world.call('publish', { TopicArn, Subject: 'Hello', Message: `Grüße\n.\n${'lang '.repeat(300)}` });
  const mail = await server.mail(({ headers }) => headers.subject === 'Hello');
  const page = `${BASE}/_pipewright/sns/unsubscribe?${new URLSearchParams({ SubscriptionArn: arn }).toString()}`;
  expect(mail).toMatchObject({ from: 'pipewright@example.com', to: 'ann@example.com' });
  expect(mail.headers).toMatchObject({
    from: '=?UTF-8?B?QsO8Y2hlcg==?= <pipewright@example.com>',
    to: 'ann@example.com',
    'list-unsubscribe': `<${page}>`,
    date: 'Thu, 01 Jan 2026 12:00:00 +0000',
  });
  expect(mail.text).toContain('Grüße\r\n.\r\nlang lang');
  expect(mail.text).toContain(page);
});

it('sends programs the signed document', async () => {
  const TopicArn = await world.topic();
  await subscribed(TopicArn, 'email-json', 'bot@example.com');
  await world.call('publish', { TopicArn, Message: '{"default":"d","email-json":"for bots"}', MessageStructure: 'json' });
  const mail = await server.mail(({ headers }) => headers.subject === 'AWS Notification Message');
  expect(JSON.parse(mail.text)).toMatchObject({ Type: 'Notification', Message: 'for bots', SignatureVersion: '1' });
});

it('waits where the mail server says later, and gives up where it says never', async () => {
  const TopicArn = await world.topic();
  server.recipientReply = '451 busy';
  await world.call('subscribe', { TopicArn, Protocol: 'email', Endpoint: 'ann@example.com' });
  expect(await world.line('tried again')).toMatchObject({
    fields: { inMs: 10_000, reason: 'the mail server answered RCPT with 451 busy' },
  });
  server.recipientReply = '550 nobody';
  world.pass(10);
  expect(await world.line('given up')).toMatchObject({ fields: { reason: 'the mail server answered RCPT with 550 nobody' } });
});
