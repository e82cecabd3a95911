import { DurableFollower } from '../../../engine/durable-follower.ts';
import type { Sleeper } from '../../../engine/sleeper.ts';
import type { PositionedEvent } from '../../../ports/bus.ts';
import { envelope } from '../rules/envelope.ts';
import { sql } from '../tables.ts';
import type { EventsTools } from '../tools.ts';
import type { Deliverer } from './deliverer.ts';
import { insertion, newDelivery, type Delivery } from './delivery.ts';
import type { RuleCache } from './rule-cache.ts';

async function matches(event: PositionedEvent, rules: RuleCache, now: number): Promise<Delivery[]> {
  const index = await rules.rulesOf(event, event.bus);
  if (!index) return [];
  const body = envelope(event);
  return index.match(body).flatMap((rule) => rule.targets.map((target) => newDelivery(rule, target, body, event.id, now)));
}

/** Turns events into deliveries to the targets of the rules that match. */
export function createRouter(tools: EventsTools, rules: RuleCache, deliverer: Deliverer, sleeper: Sleeper): DurableFollower {
  const { cursor, moveCursor } = sql;
  return new DurableFollower(tools, {
    name: 'events router',
    sleeper,
    cursor,
    moveCursor,
    async follow(events) {
      const now = tools.clock.now();
      const deliveries = (await Promise.all(events.map((event) => matches(event, rules, now)))).flat();
      return {
        writes: deliveries.map(insertion),
        // Delivered while they are being written: a target that makes the same change again knows the delivery by its id.
        offered: (stored) => deliverer.offer(deliveries, stored),
      };
    },
  });
}
