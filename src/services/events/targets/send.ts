import { parseArn } from '../../../kernel/arn.ts';
import { PipewrightError } from '../../../kernel/errors.ts';
import { RULE_SESSION } from '../../../kernel/rule-session.ts';
import { targetInput } from '../../../kernel/transform/target-input.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { EventsTools } from '../tools.ts';
import { targetKind } from './registry.ts';

/** One attempt to bring an event to its target. */
export async function sendToTarget(delivery: Delivery, tools: EventsTools, signal: AbortSignal): Promise<void> {
  const { target, event, ruleArn, ingested, account, id } = delivery;
  const arn = parseArn(target.Arn);
  const kind = arn && targetKind(arn);
  if (!kind) throw new PipewrightError('InvalidInput', `Pipewright does not deliver to targets of this kind yet: ${target.Arn}`);
  // Elsewhere a policy of the other account would have to allow it; there are no such policies yet.
  if (arn.account !== '' && arn.account !== account) throw new PipewrightError('InvalidInput', `${target.Arn} belongs to another account`);
  const ruleName = ruleArn.slice(ruleArn.lastIndexOf('/') + 1);
  const input = targetInput(target, event, { ruleArn, ruleName, ingested });
  const clients = tools.aws.as({
    ...(target.RoleArn !== undefined && { role: target.RoleArn }),
    session: `${RULE_SESSION}${ruleArn}`,
    purpose: 'rule',
    account,
    region: arn.region,
    signal,
  });
  await kind.send({ delivery, arn, input, token: id, clients, tools });
}
