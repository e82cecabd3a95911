import { DurableFollower } from '../../../engine/durable-follower.ts';
import type { Sleeper } from '../../../engine/sleeper.ts';
import type { PositionedEvent } from '../../../ports/bus.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import { seenGitEvent } from '../rules/git-events.ts';
import type { GitSources } from './sources.ts';
import { GIT_EVENT_WORK, type GitWork } from './start-by-trigger.ts';
import { stageStatus, STATUS_WORK } from './statuses.ts';
import { gitSql } from './tables.ts';
import { insertWork, type NewWork, type WorkQueue } from './work-queue.ts';

function statusWork(event: PositionedEvent, sources: GitSources): readonly NewWork[] {
  const status = stageStatus(event);
  if (!status || !sources.connected(status.pipelineId)) return [];
  const id = `status ${status.executionId} ${status.stage}`;
  return [{ id, lane: id, seq: event.position, kind: STATUS_WORK, data: status }];
}

function workFor(event: PositionedEvent, sources: GitSources): readonly NewWork[] {
  if (event.bus !== 'default') return [];
  if (event.source === 'aws.codepipeline') return statusWork(event, sources);
  const seen = seenGitEvent(event);
  if (!seen) return [];
  return sources.of(seen.arn, seen.event.repository).map(({ pipelineId, action }) => {
    const lane = `git ${pipelineId} ${action}`;
    const data: GitWork = { ...seen, id: event.id, pipelineId, action };
    return { id: `${lane} ${event.id}`, lane, seq: event.position, kind: GIT_EVENT_WORK, data };
  });
}

/**
 * Turns what concerns git hosts into work: git events for pipelines that listen to their repository, states of stages that are to be told.
 */
export function createIntake(tools: ServiceTools & { readonly sleeper: Sleeper }, sources: GitSources, queue: WorkQueue): DurableFollower {
  const { cursor, moveCursor } = gitSql;
  return new DurableFollower(tools, {
    name: 'codepipeline intake',
    sleeper: tools.sleeper,
    cursor,
    moveCursor,
    async follow(events) {
      const now = tools.clock.now();
      const work = events.flatMap((event) => workFor(event, sources));
      return {
        writes: work.map((each) => insertWork(each, now)),
        // A unit that fails is made again, and the queue finds nothing until then.
        offered: (stored) => void stored.then(() => queue.wake()).catch(() => undefined),
      };
    },
  });
}
