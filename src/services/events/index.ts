import { Sleeper } from '../../engine/sleeper.ts';
import type { Service } from '../../protocol/service.ts';
import { model, type Api } from './api.gen.ts';
import { Deliverer } from './delivery/deliverer.ts';
import { createRouter } from './delivery/router.ts';
import { RuleCache } from './delivery/rule-cache.ts';
import { Scheduler } from './delivery/scheduler.ts';
import { busOperations } from './operations/buses.ts';
import { eventOperations } from './operations/put-events.ts';
import { ruleOperations } from './operations/rules.ts';
import { tagOperations } from './operations/tags.ts';
import { targetOperations } from './operations/targets.ts';
import { migrations } from './tables.ts';
import type { EventsTools, OperationTools } from './tools.ts';

/** Amazon EventBridge: the table of contents of this service. Without a sleeper it has one of its own. */
export function createEvents(tools: EventsTools & { readonly sleeper?: Sleeper }): Service<Api> {
  const sleeper = tools.sleeper ?? new Sleeper(tools.clock);
  const rules = new RuleCache(tools.db, tools.commits);
  const deliverer = new Deliverer(tools, sleeper);
  const router = createRouter(tools, rules, deliverer, sleeper);
  const scheduler = new Scheduler(tools, deliverer, sleeper);
  const shared: OperationTools = { ...tools, markCursor: () => router.mark() };
  return {
    model,
    migrations,
    operations: {
      ...busOperations(shared),
      ...ruleOperations(shared),
      ...targetOperations(shared),
      ...eventOperations(shared),
      ...tagOperations(shared),
    },
    async start() {
      await deliverer.start();
      await router.start();
      scheduler.start();
    },
    async stop() {
      await scheduler.stop();
      await router.stop();
      await deliverer.stop();
      rules.close();
      if (!tools.sleeper) sleeper.close();
    },
  };
}
