import type { Aggregates } from '../../../engine/process.ts';
import { messageOf, PipewrightError } from '../../../kernel/errors.ts';
import type { GitEvent } from '../../../kernel/git-event.ts';
import { WriteConflict, type Write } from '../../../ports/database.ts';
import { ApiError } from '../../../protocol/errors.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import type { PipelineCommand } from '../rules/commands.ts';
import { describeGitEvent, triggerFields, type SeenGitEvent } from '../rules/git-events.ts';
import { triggerVerdict, type TriggerVerdict } from '../rules/git-triggers.ts';
import type { PipelineState, Trigger } from '../rules/state.ts';
import { sql } from '../tables.ts';
import { changedFiles, type ChangedFilesTools } from './changed-files.ts';
import { repositoryKey, type GitSource, type GitSources } from './sources.ts';
import { recordDecision, type Verdict } from './trigger-log.ts';
import type { Worker } from './work-queue.ts';

export const GIT_EVENT_WORK = 'git-event';
/** Later than this a push is no news, and those behind it wait. */
const PATIENCE_MS = 10 * 60_000;
const DEADLINE_MS = 120_000;

export interface StarterTools extends ServiceTools, ChangedFilesTools {
  readonly pipelines: Aggregates<PipelineState, PipelineCommand>;
}

/** A git event that one source action is to be asked about: `id` is the bus event's. */
export interface GitWork extends SeenGitEvent {
  readonly id: string;
  readonly pipelineId: string;
  readonly action: string;
}

interface Outcome {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly executionId?: string;
}

/** Decides on git events: which pipelines they start. Each decision is recorded with the end of the work. */
export function triggerWorker(tools: StarterTools, sources: GitSources): Worker {
  const record = (source: GitSource, event: GitEvent, outcome: Outcome): readonly Write[] => {
    const decision = { at: tools.clock.now(), source: source.action, event: describeGitEvent(event), ...outcome };
    return recordDecision(tools.ids, source, source.pipeline, decision);
  };
  return {
    patienceMs: PATIENCE_MS,
    async work(data, _row, signal) {
      const work = data as GitWork;
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
      const source = sources.find(work.pipelineId, work.action);
      // Gone, or of another repository now.
      if (!source || repositoryKey(source.arn, source.repository) !== repositoryKey(work.arn, work.event.repository)) return [];
      return record(source, work.event, await decide(tools, work, source, deadline));
    },
    gaveUp(data, reason) {
      const { event, pipelineId, action } = data as GitWork;
      const source = sources.find(pipelineId, action);
      return source ? record(source, event, { verdict: 'FAILED', reason }) : [];
    },
  };
}

async function decide(tools: StarterTools, work: GitWork, source: GitSource, signal: AbortSignal): Promise<Outcome> {
  try {
    const verdict = await verdictOf(tools, work.event, source, signal);
    if (verdict.start !== true)
      return {
        verdict: source.trigger ? 'FILTERED' : 'IGNORED',
        reason: verdict.start === 'files' ? 'its files are not known' : verdict.reason,
      };
    return await start(tools, work, source, verdict.reason, signal);
  } catch (error) {
    // What no second try mends: the pipeline refuses to start, the connection is not there, the files cannot be told.
    const final = (error instanceof ApiError && error.fault === 'client') || (error instanceof PipewrightError && FINAL.has(error.code));
    if (!final) throw error;
    return { verdict: 'FAILED', reason: messageOf(error) };
  }
}

const FINAL = new Set(['ConnectionUnavailable', 'AccessDenied', 'FilesUnknown']);

async function verdictOf(tools: StarterTools, event: GitEvent, source: GitSource, signal: AbortSignal): Promise<TriggerVerdict> {
  const { trigger, branch, detects } = source;
  if (!trigger) {
    const same = event.kind === 'push' && event.ref === 'branch' && event.name === branch;
    if (!detects) return { start: false, reason: 'DetectChanges is false' };
    return { start: same, reason: same ? `the branch ${branch} changed` : `the action watches the branch ${branch}` };
  }
  const first = triggerVerdict(trigger, event, branch);
  if (first.start !== 'files') return first;
  return triggerVerdict(trigger, { ...event, files: await changedFiles(tools, event, source, signal) }, branch);
}

/** Some hosts shorten the commit of a pull request: its branch has the whole. */
async function wholeCommit(tools: StarterTools, event: GitEvent, source: GitSource, signal: AbortSignal): Promise<string> {
  if (event.commit.length === 40 || event.kind === 'push') return event.commit;
  const { url, access } = await tools.connections.repository(source.arn, source.repository, source);
  const tip = (await tools.git.lsRemote(url, { ...access, signal })).get(`refs/heads/${event.sourceBranch}`);
  if (tip?.startsWith(event.commit)) return tip;
  throw new PipewrightError('FilesUnknown', `the commit ${event.commit} is no longer the tip of ${event.sourceBranch}`);
}

async function start(tools: StarterTools, work: GitWork, source: GitSource, reason: string, signal: AbortSignal): Promise<Outcome> {
  const event = { ...work.event, commit: await wholeCommit(tools, work.event, source, signal) };
  const provider = source.kind === 'codecommit' ? 'CodeCommit' : await providerOf(tools, source);
  const trigger: Trigger = { type: 'WebhookV2', detail: work.arn, git: triggerFields({ arn: work.arn, event }, provider) };
  const executionId = tools.ids.uuid();
  const { action, pipelineId } = source;
  if (!source.trigger) {
    const change = { type: 'sourceChanged', executionId, action, revisionType: 'COMMIT_ID', revision: event.commit, trigger } as const;
    await tools.pipelines.send(pipelineId, change);
    if (!(await tools.db.get(sql.execution, source.account, source.region, source.pipeline, executionId)))
      return { verdict: 'IGNORED', reason: `the revision ${event.commit} was seen before` };
    return { verdict: 'STARTED', reason, executionId };
  }
  const branch = event.kind === 'pullRequest' ? event.sourceBranch : event.ref === 'branch' ? event.name : undefined;
  const override = { action, revisionType: 'COMMIT_ID', revision: event.commit, ...(branch !== undefined && { branch }) };
  const command: PipelineCommand = {
    type: 'start',
    executionId,
    trigger,
    variables: {},
    overrides: [override],
    token: `trigger ${work.id} ${action}`,
  };
  return { verdict: 'STARTED', reason, executionId: await startOnce(tools, source, command) };
}

async function providerOf(tools: StarterTools, source: GitSource): Promise<string> {
  return (await tools.connections.repository(source.arn, source.repository, source)).providerType;
}

/** The token makes sure that an event which is worked on again after a crash starts nothing twice. */
async function startOnce(tools: StarterTools, source: GitSource, command: Extract<PipelineCommand, { type: 'start' }>): Promise<string> {
  try {
    await tools.pipelines.send(source.pipelineId, command);
    return command.executionId;
  } catch (error) {
    if (!(error instanceof WriteConflict && error.label === 'token')) throw error;
    const row = await tools.db.get<{ execution: string }>(
      sql.token,
      ...(source.pipelineId.split('/') as [string, string, string]),
      command.token ?? '',
    );
    return row?.execution ?? command.executionId;
  }
}
