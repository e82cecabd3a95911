import { DeliveryQueue } from '../../engine/deliveries.ts';
import type { Sleeper } from '../../engine/sleeper.ts';
import type { Service } from '../../protocol/service.ts';
import { model, type Api } from './api.gen.ts';
import { createNotifier } from './delivery/notifier.ts';
import { RuleCache } from './delivery/rule-cache.ts';
import { Sender } from './delivery/sender.ts';
import { catalogueOperations } from './operations/catalogue.ts';
import { ruleOperations } from './operations/rules.ts';
import { targetOperations } from './operations/targets.ts';
import { migrations } from './tables.ts';
import type { NotificationTools, OperationTools } from './tools.ts';

/** AWS CodeStar Notifications: the table of contents of this service. */
export function createCodeStarNotifications(tools: NotificationTools & { readonly sleeper: Sleeper }): Service<Api> {
  const rules = new RuleCache(tools.db, tools.commits);
  const sender = new Sender(tools);
  const queue = new DeliveryQueue('codestar-notifications', tools, (delivery, signal) => sender.send(delivery, signal));
  const notifier = createNotifier(tools, rules, queue, tools.sleeper);
  const shared: OperationTools = { ...tools, markCursor: () => notifier.mark() };
  return {
    model,
    migrations,
    operations: { ...ruleOperations(shared), ...targetOperations(shared), ...catalogueOperations(shared) },
    async start() {
      await queue.start();
      await notifier.start();
    },
    async stop() {
      await notifier.stop();
      await queue.stop();
      rules.close();
    },
  };
}
