import type { Effect, Performer, ProcessType, Projection } from '../../engine/process.ts';
import type { Bus } from '../../ports/bus.ts';
import type { Sessions } from '../../ports/credentials.ts';
import { write, type Write } from '../../ports/database.ts';
import { branchBuild } from './badges/badges.ts';
import { TELL_BATCH, wordToBatch, type BatchWord, type TellBatch } from './batch-word.ts';
import { reportSql } from './report-tables.ts';
import { isRetryDue } from './rules/build/auto-retry.ts';
import { dueStatus } from './rules/build/commit-status.ts';
import type { BuildCommand, BuildEvent } from './rules/build/events.ts';
import { decide, evolve, receive, wakeAt } from './rules/build/process.ts';
import { publicEvents } from './rules/build/public-events.ts';
import { buildArn, emptyBuild, isRunning, type BuildState } from './rules/build/state.ts';
import { buildView } from './rules/build/view.ts';
import { projectSandbox } from './sandboxes/projection.ts';
import { sql } from './tables.ts';

/** The build aggregate, for the engine. What is over leaves the engine: history lives in the read model. */
export function buildProcess(bus: Bus): ProcessType<BuildState, BuildEvent, BuildCommand> {
  return {
    name: 'build',
    version: 1,
    initial: emptyBuild,
    evolve,
    receive,
    decide,
    effects: (event, state) => [
      ...(event.type === 'buildEnded' && state.lease ? [revocation(state.id, state.lease.accessKeyId)] : []),
      ...(event.type === 'buildEnded' ? wordToBatch(state, event) : []),
      ...statusEffects(event, state),
      ...(isRetryDue(event, state) ? [{ id: `${state.id}/auto-retry`, kind: AUTO_RETRY, honest: 'keyed' as const, payload: {} }] : []),
    ],
    // A key that cannot be revoked expires by itself; there is nothing the build could do about it, nor about a host that is not told.
    gaveUp: (effect) => (effect.kind === REVOKE ? { type: 'stop' } : { type: 'gaveUp' }),
    project: (projection) => project(projection, bus),
    wakeAt,
    isOpen: isRunning,
    isGone: (state) => state.deleted,
  };
}

const STATUS_EFFECT = 'report-status';
const AUTO_RETRY = 'auto-retry';
const REVOKE = 'revoke-credentials';

function statusEffects(event: BuildEvent, state: BuildState): readonly Effect[] {
  const due = dueStatus(event, state);
  return due ? [{ id: `${state.id}/status-${due}`, kind: STATUS_EFFECT, honest: 'repeatable', payload: {} }] : [];
}

function revocation(id: string, accessKeyId: string): Effect {
  return { id: `${id}/credentials`, kind: REVOKE, honest: 'repeatable', payload: { accessKeyId } };
}

/** What follows from builds, done by others. */
export interface BuildFollowers {
  readonly tellStatus: (id: string, signal: AbortSignal) => Promise<void>;
  /** Answers the ARN of the build that was started. */
  readonly retry: (id: string) => Promise<string | undefined>;
  /** Hands a build's end to its batch. */
  readonly tellBatch: TellBatch;
}

export function buildPerformers(
  sessions: Sessions,
  { tellStatus, retry, tellBatch }: BuildFollowers,
): Readonly<Record<string, Performer<BuildCommand>>> {
  return {
    async [STATUS_EFFECT](id, _, { signal }) {
      await tellStatus(id, signal);
      return undefined;
    },
    async [TELL_BATCH](_id, effect) {
      await tellBatch(effect.payload as BatchWord);
      return undefined;
    },
    async [AUTO_RETRY](id) {
      const arn = await retry(id);
      return arn === undefined ? undefined : { type: 'retriedAs', arn };
    },
    async [REVOKE](_id, effect) {
      await sessions.revoke((effect.payload as { accessKeyId: string }).accessKeyId);
      return undefined;
    },
  };
}

function project({ before, after, now, newId }: Projection<BuildState, BuildEvent>, bus: Bus): readonly Write[] {
  const { spec } = after;
  if (!spec) return [];
  if (spec.sandbox) return projectSandbox(after);
  const { account, region, project: name, uuid, number, token } = spec;
  const id = `${name}:${uuid}`;
  if (after.deleted) return [write(sql.deleteBuild, [account, region, id])];
  const writes: Write[] = [];
  if (!before.spec) {
    writes.push(write(sql.takeNumber, [number, account, region, name, number - 1], { expect: 1, label: 'number' }));
    if (token !== undefined) writes.push(write(sql.putToken, [account, region, name, token, id]));
  }
  writes.push(
    write(sql.upsertBuild, [account, region, id, name, number, after.submittedAt, after.status, JSON.stringify(buildView(after))]),
  );
  if (!before.spec || before.status !== after.status) writes.push(...branchBuild(after));
  if (before.status === 'IN_PROGRESS' && after.status !== 'IN_PROGRESS') {
    // A report that was being made when its build ended will never be whole.
    writes.push(write(reportSql.incomplete, [account, region, id]));
  }
  const frame = { account, region, bus: 'default', source: 'aws.codebuild', resources: [buildArn(spec)], time: now };
  return [...writes, ...publicEvents(before, after).map((event) => bus.write({ ...frame, ...event, id: newId() }))];
}
