import type { JsonObject } from '../../../kernel/json.ts';
import type { BusEvent } from '../../../ports/bus.ts';
import { write, WriteConflict } from '../../../ports/database.ts';
import { sql } from '../tables.ts';
import { busArn, busOfRule, DEFAULT_BUS, requireBus } from '../tools.ts';
import type { TargetKind } from './target-kind.ts';

const PREFIX = 'event-bus/';

/** What `envelope` makes. */
interface Envelope {
  readonly id: string;
  readonly time: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}

function onBus(event: Envelope, account: string, region: string, bus: string): BusEvent {
  const { id, time, source, resources, detail, 'detail-type': detailType } = event;
  return { id, account, region, time: Date.parse(time), source, detailType, resources, detail, bus };
}

/**
 * `arn:aws:events:REGION:ACCOUNT:event-bus/NAME`: the event as it is, on another bus. Each event reaches a bus once, however
 * often it is delivered, and never comes back: so buses that forward to each other do not go round.
 */
export const eventBusTarget: TargetKind = {
  accepts: ({ service, resource }) => service === 'events' && resource.startsWith(PREFIX),
  needsRole: false,
  async send({ arn, delivery, tools }) {
    const { account, region, resource } = arn;
    const name = resource.slice(PREFIX.length);
    await requireBus(tools, { account, region }, name);
    const event = onBus(delivery.event as unknown as Envelope, account, region, name);
    const from = busArn(delivery, busOfRule(delivery.ruleArn) ?? DEFAULT_BUS);
    const before = write(sql.rememberBus, [event.id, from, tools.clock.now()]);
    const first = write(sql.insertForwarded, [event.id, delivery.target.Arn, tools.clock.now()], { label: 'forwarded' });
    try {
      await tools.commits.commit([before, first, tools.bus.write(event)]);
    } catch (error) {
      if (!(error instanceof WriteConflict && error.label === 'forwarded')) throw error;
    }
  },
};
