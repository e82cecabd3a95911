import type { Delivery, DeliveryOutcome } from '../../../engine/deliveries.ts';
import { post, type PostOutcome } from '../../../engine/post.ts';
import { parseArn } from '../../../kernel/arn.ts';
import { unreachable } from '../../../kernel/errors.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import type { MailOutcome } from '../../../ports/mail.ts';
import { documentOf, stringToSign, textFor, type Outgoing } from '../rules/document.ts';
import type { Protocol } from '../rules/endpoint.ts';
import { jsonMail, plainMail } from '../rules/mail.ts';
import { effectivePolicy, MAIL, retryDelay, type RetryPolicy } from '../rules/retry.ts';
import { isRaw } from '../rules/subscription-attributes.ts';
import { parseAttributes, type Attributes } from '../rules/topic-attributes.ts';
import type { Signer } from '../signing/signer.ts';
import { sql, type SubscriptionRow, type TopicRow } from '../tables.ts';
import { subscriptionKey, type SnsTools } from '../tools.ts';
import { confirmPage, subscribeUrl, unsubscribePage, unsubscribeUrl } from './links.ts';

/** AWS waits this long for an answer: https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html */
const ANSWER_MS = 15_000;

/** A message and whom it is for, as they are when it is tried. */
interface Attempt {
  readonly delivery: Delivery;
  readonly outgoing: Outgoing;
  readonly subscription: SubscriptionRow;
  readonly own: Attributes;
  readonly topic: Attributes;
  readonly signal: AbortSignal;
}

function again(reason: string, policy: RetryPolicy, { attempt }: Delivery): DeliveryOutcome {
  const seconds = retryDelay(policy, attempt);
  if (seconds === undefined) return { kind: 'failed', reason: `${reason} (after ${attempt} attempts)` };
  return { kind: 'retry', inMs: Math.round(seconds * 1000), reason };
}

/** Brings one message to one subscriber. */
export class Sender {
  readonly #tools: SnsTools;
  readonly #signer: Signer;

  constructor(tools: SnsTools, signer: Signer) {
    this.#tools = tools;
    this.#signer = signer;
  }

  async send(delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { db, secrets } = this.#tools;
    const place = parseArn(delivery.address)!;
    const { topic, id } = subscriptionKey(place, delivery.address);
    const key = [place.account, place.region, topic];
    const outgoing = JSON.parse(secrets.open(delivery.body)) as Outgoing;
    const subscription = await db.get<SubscriptionRow>(sql.subscription, ...key, id);
    const row = await db.get<TopicRow>(sql.topic, ...key);
    // Ended since: nobody is owed anything any more.
    if (!subscription || !row) return { kind: 'delivered' };
    const own = parseAttributes(subscription.attributes);
    const attempt = { delivery, outgoing, subscription, own, topic: parseAttributes(row.attributes), signal };
    return this.#outcome(attempt, await this.#try(attempt));
  }

  #outcome({ delivery, own, topic }: Attempt, outcome: PostOutcome | MailOutcome | { kind: 'no-mailer' }): DeliveryOutcome {
    switch (outcome.kind) {
      case 'accepted':
      case 'sent':
        return { kind: 'delivered' };
      case 'unavailable':
        return again(outcome.reason, effectivePolicy(own.DeliveryPolicy, topic.DeliveryPolicy).retry, delivery);
      case 'retry':
        return again(outcome.reason, MAIL, delivery);
      case 'no-mailer':
        return again('no mail server is set up (--smtp-url, --mail-from)', MAIL, delivery);
      case 'refused':
        return {
          kind: 'failed',
          reason: outcome.reason + (own.RedrivePolicy === undefined ? '' : ' (its dead-letter queue is not supported yet)'),
        };
      default:
        return unreachable(outcome);
    }
  }

  async #try(attempt: Attempt): Promise<PostOutcome | MailOutcome | { kind: 'no-mailer' }> {
    const protocol = attempt.subscription.protocol as Protocol;
    switch (protocol) {
      case 'http':
      case 'https':
        return this.#post(attempt);
      case 'email':
      case 'email-json':
        return this.#mail(attempt);
      default:
        return unreachable(protocol);
    }
  }

  async #document({ outgoing, subscription, topic, delivery }: Attempt): Promise<string> {
    const base = this.#tools.endpoint();
    const links = {
      subscribe: outgoing.type === 'SubscriptionConfirmation' ? subscribeUrl(base, outgoing.topicArn, outgoing.token) : '',
      unsubscribe: unsubscribeUrl(base, delivery.address),
      certificate: base + (await this.#signer.certificatePath()),
    };
    const version = topic.SignatureVersion ?? '1';
    const document = documentOf(outgoing, subscription.protocol, links, version);
    const signed: JsonObject = { ...document, Signature: await this.#signer.sign(stringToSign(document), version) };
    return JSON.stringify(signed, undefined, 2);
  }

  async #post(attempt: Attempt): Promise<PostOutcome> {
    const { outgoing, subscription, own, topic, delivery, signal } = attempt;
    const { contentType } = effectivePolicy(own.DeliveryPolicy, topic.DeliveryPolicy);
    const raw = outgoing.type === 'Notification' && isRaw(own);
    const headers: Record<string, string> = {
      'content-type': contentType ?? 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
      'x-amz-sns-message-type': outgoing.type,
      'x-amz-sns-message-id': outgoing.messageId,
      'x-amz-sns-topic-arn': outgoing.topicArn,
      ...(outgoing.type === 'Notification' && { 'x-amz-sns-subscription-arn': delivery.address }),
      ...(raw && { 'x-amz-sns-rawdelivery': 'true' }),
    };
    const url = new URL(subscription.endpoint);
    if (subscription.password !== null) url.password = this.#tools.secrets.open(subscription.password);
    const body = raw ? textFor(outgoing, subscription.protocol) : await this.#document(attempt);
    return post({ url, headers, body, timeoutMs: ANSWER_MS, signal });
  }

  async #mail(attempt: Attempt): Promise<MailOutcome | { kind: 'no-mailer' }> {
    const { outgoing, subscription, topic, delivery, signal } = attempt;
    const { mailer } = this.#tools;
    if (!mailer) return { kind: 'no-mailer' };
    const base = this.#tools.endpoint();
    const unsubscribe = unsubscribePage(base, delivery.address);
    const confirm = outgoing.type === 'SubscriptionConfirmation' ? confirmPage(base, outgoing.topicArn, outgoing.token) : '';
    const { subject, text } =
      subscription.protocol === 'email' ? plainMail(outgoing, { confirm, unsubscribe }) : jsonMail(outgoing, await this.#document(attempt));
    const id = `${outgoing.messageId}.${subscription.id}`;
    const fromName = topic.DisplayName ?? 'AWS Notifications';
    const confirmed = outgoing.type === 'Notification' && { unsubscribeUrl: unsubscribe };
    return mailer.send({ to: subscription.endpoint, fromName, subject, text, id, date: outgoing.time, ...confirmed }, signal);
  }
}
