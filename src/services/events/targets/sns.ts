import type { TargetKind } from './target-kind.ts';

/** `arn:aws:sns:REGION:ACCOUNT:TOPIC`: publishes the input. A delivery that is made again is another message of the same text. */
export const snsTarget: TargetKind = {
  accepts: ({ service, resource }) => service === 'sns' && !resource.includes(':'),
  needsRole: false,
  async send({ delivery, input, clients }) {
    await clients.sns.publish({ TopicArn: delivery.target.Arn, Message: input });
  },
};
