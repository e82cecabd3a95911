import { createHash } from 'node:crypto';
import type { Arn } from '../../../kernel/arn.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import { write, type Write } from '../../../ports/database.ts';
import type { Target } from '../api.gen.ts';
import { sql, type DeliveryRow } from '../tables.ts';
import type { Place } from '../tools.ts';

/** An event on its way to a target. */
export interface Delivery extends Place {
  /** The same event, rule and target make the same id: a delivery that is made again after a crash is known as itself. */
  readonly id: string;
  readonly ruleArn: Arn;
  readonly ruleId: string;
  /** As it was when the rule matched; with the rule's role where it has none of its own. */
  readonly target: Target;
  readonly event: JsonObject;
  /** Epoch ms at which we received the event. */
  readonly ingested: number;
  /** From 1. */
  readonly attempt: number;
  /** Epoch ms. */
  readonly due: number;
}

/** The rule as it matters for its deliveries. */
export interface MatchedRule extends Place {
  readonly id: string;
  readonly arn: Arn;
  readonly targets: readonly Target[];
}

/** `occasion` tells one event from the next: its id, or the time a schedule was due. */
export function newDelivery(rule: MatchedRule, target: Target, event: JsonObject, occasion: string, now: number): Delivery {
  const id = createHash('sha256')
    .update(JSON.stringify([occasion, rule.id, target.Id]))
    .digest('hex');
  const { account, region, arn: ruleArn, id: ruleId } = rule;
  return { id, account, region, ruleArn, ruleId, target, event, ingested: now, attempt: 1, due: now };
}

export function insertion(delivery: Delivery): Write {
  const { id, account, region, ruleId, ruleArn, target, event, ingested, attempt, due } = delivery;
  const params = [id, account, region, ruleId, ruleArn, target.Arn, JSON.stringify(target), JSON.stringify(event), ingested, attempt, due];
  return write(sql.insertDelivery, params);
}

export function fromRow(row: DeliveryRow): Delivery {
  const { id, account, region, rule_id: ruleId, rule_arn: ruleArn, ingested, attempt, due } = row;
  const target = JSON.parse(row.target) as Target;
  return { id, account, region, ruleId, ruleArn, target, event: JSON.parse(row.event) as JsonObject, ingested, attempt, due };
}
