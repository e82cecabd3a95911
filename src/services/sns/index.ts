import { DeliveryQueue } from '../../engine/deliveries.ts';
import type { Sleeper } from '../../engine/sleeper.ts';
import type { Service } from '../../protocol/service.ts';
import { model, type Api } from './api.gen.ts';
import { Sender } from './delivery/sender.ts';
import { permissionOperations } from './operations/permissions.ts';
import { publishOperations } from './operations/publish.ts';
import { subscriptionListOperations } from './operations/subscription-lists.ts';
import { subscriptionLinks, subscriptionOperations, type SubscriptionLinks } from './operations/subscriptions.ts';
import { topicOperations } from './operations/topics.ts';
import { Signer } from './signing/signer.ts';
import { migrations } from './tables.ts';
import type { OperationTools, SnsTools } from './tools.ts';

export interface Sns {
  readonly service: Service<Api>;
  /** What the links in messages do. */
  readonly links: SubscriptionLinks;
  /** The certificate that messages are signed with, PEM, where it is served at this path. */
  certificateAt(path: string): Promise<string | undefined>;
}

/** Amazon SNS: the table of contents of this service. */
export function createSns(tools: SnsTools & { readonly sleeper: Sleeper }): Sns {
  const signer = new Signer(tools);
  const sender = new Sender(tools, signer);
  const queue = new DeliveryQueue('sns', tools, (delivery, signal) => sender.send(delivery, signal));
  const shared: OperationTools = { ...tools, queue };
  return {
    service: {
      model,
      migrations,
      operations: {
        ...topicOperations(shared),
        ...permissionOperations(shared),
        ...subscriptionOperations(shared),
        ...subscriptionListOperations(shared),
        ...publishOperations(shared),
      },
      start: () => queue.start(),
      stop: () => queue.stop(),
    },
    links: subscriptionLinks(shared),
    certificateAt: (path) => signer.certificateAt(path),
  };
}
