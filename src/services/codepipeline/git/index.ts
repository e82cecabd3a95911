import type { Sleeper } from '../../../engine/sleeper.ts';
import type { GitConnections } from '../../../ports/connections.ts';
import type { Git } from '../../../ports/git.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import { createIntake } from './intake.ts';
import { GitSources } from './sources.ts';
import { GIT_EVENT_WORK, triggerWorker, type StarterTools } from './start-by-trigger.ts';
import { STATUS_WORK, statusWorker } from './statuses.ts';
import { WorkQueue } from './work-queue.ts';

/** What reaching git hosts, and being reached by them, needs. */
export interface GitHostTools {
  readonly git: Git;
  readonly connections: GitConnections;
  readonly secrets: SecretBox;
  /** The server's own base URL. */
  readonly endpoint: () => string;
}

/** Executions started by git hosts, and their commits' statuses: the parts, put together. */
export function gitTriggers(tools: StarterTools & GitHostTools & { readonly sleeper: Sleeper }) {
  const sources = new GitSources();
  const queue = new WorkQueue(tools, { [GIT_EVENT_WORK]: triggerWorker(tools, sources), [STATUS_WORK]: statusWorker(tools) });
  const intake = createIntake(tools, sources, queue);
  return {
    /** To be told of all declarations before the start. */
    sources,
    async start() {
      // What an earlier life left.
      queue.wake();
      await intake.start();
    },
    async stop() {
      await intake.stop();
      await queue.stop();
    },
  };
}
