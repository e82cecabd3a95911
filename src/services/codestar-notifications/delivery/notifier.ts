import { createHash } from 'node:crypto';
import type { DeliveryQueue, Recipient } from '../../../engine/deliveries.ts';
import { DurableFollower } from '../../../engine/durable-follower.ts';
import type { Sleeper } from '../../../engine/sleeper.ts';
import type { PositionedEvent } from '../../../ports/bus.ts';
import type { Write } from '../../../ports/database.ts';
import { eventType, resourceOf } from '../rules/event-types.ts';
import type { NotifiedEvent } from '../rules/notification.ts';
import { sql } from '../tables.ts';
import { ruleArn, type NotificationTools } from '../tools.ts';
import type { ActiveRule, RuleCache } from './rule-cache.ts';

/** Which rule, of which type of event, sends to which target: the address of a delivery. */
export interface NotificationAddress {
  readonly account: string;
  readonly region: string;
  readonly rule: string;
  readonly eventType: string;
  readonly target: string;
}

function recipients(event: PositionedEvent, rule: ActiveRule, type: string): Recipient[] {
  const { account, region, id } = rule;
  return rule.targets.map((target) => {
    const address: NotificationAddress = { account, region, rule: id, eventType: type, target };
    const key = createHash('sha256')
      .update(JSON.stringify([event.id, id, type, target]))
      .digest('hex');
    return {
      id: `codestar-notifications/${key}`,
      destination: `${ruleArn(rule, id)} ${target.slice(0, 12)}`,
      address: JSON.stringify(address),
    };
  });
}

async function notifications(event: PositionedEvent, rules: RuleCache, queue: DeliveryQueue): Promise<readonly Write[]> {
  // What a bus of the account's own carries is not a service's word.
  if (event.bus !== 'default' || !event.source.startsWith('aws.')) return [];
  const resource = resourceOf(event);
  const about = resource === undefined ? [] : await rules.of(resource);
  const told = about.flatMap((rule) =>
    rule.eventTypes.filter((type) => eventType(type)?.matches(event)).flatMap((type) => recipients(event, rule, type)),
  );
  if (told.length === 0) return [];
  const { id, account, region, source, detailType, resources, detail, time } = event;
  const body: NotifiedEvent = { id, account, region, source, detailType, resources, detail, time };
  return queue.enqueue(JSON.stringify(body), told);
}

/** Turns events into deliveries to the targets of the notification rules that are about them. */
export function createNotifier(tools: NotificationTools, rules: RuleCache, queue: DeliveryQueue, sleeper: Sleeper): DurableFollower {
  const { cursor, moveCursor } = sql;
  return new DurableFollower(tools, {
    name: 'codestar-notifications events',
    sleeper,
    cursor,
    moveCursor,
    async follow(events) {
      const writes: Write[] = [];
      for (const event of events) writes.push(...(await notifications(event, rules, queue)));
      return { writes };
    },
  });
}
