import { messageOf } from '../../../kernel/errors.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { BuildPhase } from '../../codebuild/api.gen.ts';
import type { Api } from '../../pipewright/api.gen.ts';
import { errors, type ActionExecutionDetail, type RuleExecutionDetail } from '../api.gen.ts';
import { pipelineState } from '../operations/tools.ts';
import { runningActions, type ExecutionRecord } from '../rules/history.ts';
import type { PipelineState, StageMark } from '../rules/state.ts';
import { timing, totals, type TimedRun } from '../rules/timing.ts';
import { sql } from '../tables.ts';
import { actionsOf, keyFor, neighbours, newestRecords, requireRecord, type InsightTools, type Key } from './tools.ts';

type Operations = Pick<Api, 'getExecutionTiming'>;
type Phases = NonNullable<TimedRun['phases']>;

/** BatchGetBuilds takes so many ids: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html */
const BUILDS_AT_ONCE = 100;
const MOST_RULES = 10_000;
const RUNNING: ReadonlySet<string> = new Set(['InProgress', 'Stopping']);

/** Marks as they stand now: while a transition is disabled, those who wait behind it have waited for it until `at`. */
function marksNow(record: ExecutionRecord, state: PipelineState, at: number): readonly StageMark[] {
  const marks = state.executions[record.id]?.marks ?? record.marks ?? [];
  const last = marks.at(-1);
  const inbound = last && state.stages[last.stage]?.inbound;
  if (!last || last.entered !== undefined || inbound?.enabled !== false || inbound.at > at) return marks;
  const closed = [...(last.closed ?? []), { from: Math.max(last.arrived, inbound.at), to: at }];
  return [...marks.slice(0, -1), { ...last, closed }];
}

function phaseOf({ phaseType = 'SUBMITTED', startTime, endTime }: BuildPhase): Phases {
  if (startTime === undefined || phaseType === 'COMPLETED') return [];
  return [{ type: phaseType, from: startTime, ...(endTime !== undefined && { to: endTime }) }];
}

/** The phases of the builds that the actions ran, by build id; a build that is gone has none. */
async function phases(
  tools: InsightTools,
  ctx: CallContext,
  details: readonly ActionExecutionDetail[],
): Promise<ReadonlyMap<string, Phases>> {
  const ids = details.flatMap((detail) => buildId(detail) ?? []);
  const found = new Map<string, Phases>();
  try {
    for (let first = 0; first < ids.length; first += BUILDS_AT_ONCE) {
      const { builds = [] } = await neighbours(tools, ctx).codebuild.batchGetBuilds({ ids: ids.slice(first, first + BUILDS_AT_ONCE) });
      for (const { id = '', phases: of = [] } of builds) found.set(id, of.flatMap(phaseOf));
    }
  } catch (error) {
    // Without its phases a build is shown as one action: that is better than no answer.
    tools.log.warn('the phases of builds could not be read', { error: messageOf(error) });
  }
  return found;
}

function buildId({ input, output }: ActionExecutionDetail): string | undefined {
  return input?.actionTypeId?.provider === 'CodeBuild' ? output?.executionResult?.externalExecutionId : undefined;
}

function kindOf(detail: ActionExecutionDetail): TimedRun['kind'] {
  const category = detail.input?.actionTypeId?.category;
  return category === 'Source' ? 'SOURCE' : category === 'Approval' ? 'APPROVAL' : 'ACTION';
}

function actionRun(detail: ActionExecutionDetail, builds: ReadonlyMap<string, Phases>): TimedRun {
  const { stageName: stage = '', actionName: name = '', status = 'InProgress', startTime: from = 0, lastUpdateTime: to = from } = detail;
  const of = builds.get(buildId(detail) ?? '');
  return { kind: kindOf(detail), stage, name, status, from, ...(status !== 'InProgress' && { to }), ...(of && { phases: of }) };
}

function ruleRun({
  stageName: stage = '',
  ruleName: name = '',
  status = 'InProgress',
  startTime: from = 0,
  lastUpdateTime,
}: RuleExecutionDetail): TimedRun {
  const to = status === 'InProgress' ? undefined : (lastUpdateTime ?? from);
  return { kind: 'CONDITION', stage, name, status, from, ...(to !== undefined && { to }) };
}

async function wanted(tools: InsightTools, key: Key, id: string | undefined): Promise<ExecutionRecord> {
  if (id !== undefined) return requireRecord(tools, key, id);
  const [newest] = await newestRecords(tools, key, 1);
  if (!newest) throw errors.PipelineExecutionNotFoundException(`Pipeline '${key[2]}' has had no execution yet.`);
  return newest;
}

export function timingOperations(tools: InsightTools): Operations {
  return {
    async getExecutionTiming({ pipelineName, pipelineExecutionId }, ctx) {
      const key = keyFor(ctx, pipelineName);
      const state = await pipelineState(tools, ctx, pipelineName);
      const record = await wanted(tools, key, pipelineExecutionId);
      const past = await actionsOf(tools, key, record.id);
      const known = new Set(past.map(({ actionExecutionId }) => actionExecutionId));
      const running = runningActions(state).filter(
        (detail) => detail.pipelineExecutionId === record.id && !known.has(detail.actionExecutionId),
      );
      const details = [...past, ...running];
      const rules = await tools.db.all<{ data: string }>(sql.rulesOfExecution, ...key, record.id, '~', MOST_RULES);
      const builds = await phases(tools, ctx, details);
      const runs = [
        ...details.map((detail) => actionRun(detail, builds)),
        ...rules.map(({ data }) => ruleRun(JSON.parse(data) as RuleExecutionDetail)),
      ];
      const open = RUNNING.has(record.status);
      const to = open ? tools.clock.now() : record.updatedAt;
      const spans = timing({ from: record.startedAt, to, marks: marksNow(record, state, to), runs });
      return {
        pipelineName,
        pipelineExecutionId: record.id,
        status: record.status,
        startTime: record.startedAt,
        ...(!open && { endTime: record.updatedAt }),
        totalMillis: to - record.startedAt,
        spans: spans.map(({ stage, action, from, to: end, ...span }) => {
          return { ...span, stageName: stage, startTime: from, endTime: end, ...(action !== undefined && { actionName: action }) };
        }),
        totals: totals(spans),
      };
    },
  };
}
