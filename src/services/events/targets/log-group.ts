import type { AwsClients } from '../../aws.gen.ts';
import type { InputLogEvent } from '../../logs/api.gen.ts';
import { membersOf } from './input.ts';
import type { TargetKind } from './target-kind.ts';

/** An input transformer for a log group gives exactly these two: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html */
function logEvent(input: string, now: number): InputLogEvent {
  const { timestamp, message } = membersOf(input, ['timestamp', 'message']);
  if (message === undefined || typeof timestamp !== 'number') return { timestamp: now, message: input };
  return { timestamp, message: typeof message === 'string' ? message : JSON.stringify(message) };
}

async function put(logs: AwsClients['logs'], group: string, stream: string, event: InputLogEvent): Promise<void> {
  await logs.putLogEvents({ logGroupName: group, logStreamName: stream, logEvents: [event] });
}

const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;

/** `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`: the event becomes a line in the stream of its rule. The group has to be there. */
export const logGroupTarget: TargetKind = {
  accepts: ({ service, resource }) => service === 'logs' && resource.startsWith('log-group:'),
  needsRole: false,
  async send({ arn, input, delivery, clients: { logs }, tools }) {
    const group = arn.resource.slice('log-group:'.length).replace(/:\*$/, '');
    const event = logEvent(input, tools.clock.now());
    try {
      await put(logs, group, delivery.ruleId, event);
    } catch (error) {
      if (!hasCode(error, 'ResourceNotFoundException')) throw error;
      await logs.createLogStream({ logGroupName: group, logStreamName: delivery.ruleId }).catch((refused: unknown) => {
        if (!hasCode(refused, 'ResourceAlreadyExistsException')) throw refused;
      });
      await put(logs, group, delivery.ruleId, event);
    }
  },
};
