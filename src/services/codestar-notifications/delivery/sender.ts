import type { Delivery, DeliveryOutcome } from '../../../engine/deliveries.ts';
import { post } from '../../../engine/post.ts';
import { parseArn } from '../../../kernel/arn.ts';
import { PipewrightError, unreachable } from '../../../kernel/errors.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import { write } from '../../../ports/database.ts';
import { ApiError } from '../../../protocol/errors.ts';
import type { AwsClients } from '../../aws.gen.ts';
import { slackMessage, summaryOf, teamsMessage, type Summary } from '../rules/chat.ts';
import { eventType } from '../rules/event-types.ts';
import { notificationOf, type NotifiedEvent } from '../rules/notification.ts';
import type { TargetType } from '../rules/target-address.ts';
import { sql, type RuleRow, type TargetRow } from '../tables.ts';
import { ruleArn, type NotificationTools } from '../tools.ts';
import { fullAttributes } from './attributes.ts';
import type { NotificationAddress } from './notifier.ts';

const ANSWER_MS = 15_000;
/** Retries double from one second to five minutes, for a day: as EventBridge's do. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 300_000;
const OLDEST_MS = 86_400_000;

type Sent = { readonly kind: 'accepted' } | { readonly kind: 'unavailable' | 'refused'; readonly reason: string };

interface Notification {
  readonly event: NotifiedEvent;
  readonly address: NotificationAddress;
  readonly attributes: JsonObject;
  readonly target: TargetRow;
  readonly signal: AbortSignal;
}

/** Brings a notification to a target. */
export class Sender {
  readonly #tools: NotificationTools;

  constructor(tools: NotificationTools) {
    this.#tools = tools;
  }

  async send(delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { db } = this.#tools;
    const event = JSON.parse(delivery.body) as NotifiedEvent;
    const address = JSON.parse(delivery.address) as NotificationAddress;
    const place = [address.account, address.region];
    const rule = await db.get<RuleRow>(sql.rule, ...place, address.rule);
    const target = await db.get<TargetRow>(sql.target, ...place, address.target);
    // Deleted since: nobody is owed anything any more.
    if (!rule || !target) return { kind: 'delivered' };
    const attributes = rule.detail_type === 'FULL' ? await this.#attributes(event, address, signal) : {};
    const sent = await this.#deliver({ event, address, attributes, target, signal });
    const outcome = this.#outcome(sent, delivery);
    if (outcome.kind !== 'retry') await this.#setStatus(target, outcome.kind === 'delivered' ? 'ACTIVE' : 'UNREACHABLE');
    return outcome;
  }

  #clients({ account }: NotificationAddress, region: string, signal: AbortSignal): AwsClients {
    return this.#tools.aws.as({ session: 'codestar-notifications', purpose: 'rule', account, region, signal });
  }

  /** A pipeline that was deleted since has nothing to add; a notification with less is better than none. */
  async #attributes(event: NotifiedEvent, address: NotificationAddress, signal: AbortSignal): Promise<JsonObject> {
    try {
      return await fullAttributes(event, this.#clients(address, event.region, signal).codepipeline, address.eventType);
    } catch (error) {
      if (!(error instanceof ApiError) || error.fault !== 'client') throw error;
      this.#tools.log.info('a notification goes without its additional attributes', { rule: address.rule, error: error.message });
      return {};
    }
  }

  async #deliver(notification: Notification): Promise<Sent> {
    const { target, event, address, attributes } = notification;
    const type = target.type as TargetType;
    const summary = (): Summary => summaryOf(eventType(address.eventType)?.name ?? address.eventType, event.detail, attributes);
    switch (type) {
      case 'SNS':
        return this.#publish(notification);
      case 'AWSChatbotSlack':
        return this.#post(notification, slackMessage(summary()));
      case 'AWSChatbotMicrosoftTeams':
        return this.#post(notification, teamsMessage(summary()));
      default:
        return unreachable(type);
    }
  }

  async #publish({ event, address, attributes, target, signal }: Notification): Promise<Sent> {
    const region = parseArn(target.address)?.region ?? address.region;
    const message = JSON.stringify(notificationOf(event, ruleArn(address, address.rule), attributes));
    try {
      await this.#clients(address, region, signal).sns.publish({ TopicArn: target.address, Message: message });
      return { kind: 'accepted' };
    } catch (error) {
      if (!(error instanceof PipewrightError)) throw error;
      const reason = `${error.code}: ${error.message}`;
      return { kind: error instanceof ApiError && error.fault === 'client' ? 'refused' : 'unavailable', reason };
    }
  }

  async #post({ target, signal }: Notification, message: JsonObject): Promise<Sent> {
    const url = new URL(this.#tools.secrets.open(target.address));
    return post({ url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(message), timeoutMs: ANSWER_MS, signal });
  }

  #outcome(sent: Sent, { attempt, created }: Delivery): DeliveryOutcome {
    if (sent.kind === 'accepted') return { kind: 'delivered' };
    const wait = Math.min(FIRST_WAIT * 2 ** Math.min(attempt - 1, 20), LONGEST_WAIT);
    const late = this.#tools.clock.now() + wait - created > OLDEST_MS;
    if (sent.kind === 'refused' || late) return { kind: 'failed', reason: late ? `${sent.reason} (for a day)` : sent.reason };
    return { kind: 'retry', inMs: wait, reason: sent.reason };
  }

  async #setStatus({ account, region, hash, status }: TargetRow, now: TargetRow['status']): Promise<void> {
    if (status !== now) await this.#tools.commits.commit([write(sql.setTargetStatus, [now, account, region, hash, now])]);
  }
}
