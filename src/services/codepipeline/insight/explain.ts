import { messageOf } from '../../../kernel/errors.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { Api } from '../../pipewright/api.gen.ts';
import type { ActionExecutionDetail, PipelineDeclaration } from '../api.gen.ts';
import { pipelineState } from '../operations/tools.ts';
import { explainNow } from '../rules/explain-now.ts';
import { explainPast, type Failure } from '../rules/explain-past.ts';
import { explainTriggers, type EventRule, type SourceLook } from '../rules/explain-triggers.ts';
import type { ExecutionRecord } from '../rules/history.ts';
import { declarationOf, pipelineArn, type PipelineState } from '../rules/state.ts';
import { triggerOf } from '../rules/git-triggers.ts';
import { isWatched } from '../triggers.ts';
import { decisionsOf } from '../git/trigger-log.ts';
import { sql } from '../tables.ts';
import { keyFor, neighbours, newestRecords, sourceTools, type InsightTools, type Key } from './tools.ts';

type Operations = Pick<Api, 'explainPipeline'>;

/** Executions whose past is told where the caller does not say. */
const DEFAULT_EXECUTIONS = 10;
/** Of a failed execution's newest actions one has failed. */
const NEWEST_ACTIONS = 100;
/** Of what triggers saw the newest is told. */
const MOST_TRIGGERS = 50;
/** A source is waited for so long, ms. */
const PATIENCE_MS = 5_000;

async function failures(tools: InsightTools, key: Key, records: readonly ExecutionRecord[]): Promise<ReadonlyMap<string, Failure>> {
  const found = new Map<string, Failure>();
  for (const { id, status } of records) {
    if (status !== 'Failed') continue;
    const rows = await tools.db.all<{ data: string }>(sql.actionsOfExecution, ...key, id, '~', NEWEST_ACTIONS);
    const failed = rows.map(({ data }) => JSON.parse(data) as ActionExecutionDetail).find((action) => action.status === 'Failed');
    if (!failed) continue;
    const { stageName: stage = '', actionName: action = '', output } = failed;
    const { code = 'JobFailed', message = '' } = output?.executionResult?.errorDetails ?? {};
    found.set(id, { stage, action, code, message });
  }
  return found;
}

async function look(
  tools: InsightTools,
  ctx: CallContext,
  state: PipelineState,
  declaration: PipelineDeclaration,
): Promise<readonly SourceLook[]> {
  const [stage] = declaration.stages;
  const looks = (stage?.actions ?? []).map(async (action): Promise<SourceLook | undefined> => {
    const provider = tools.providers.find(action.actionTypeId, state);
    if (!stage || !provider?.latest) return undefined;
    const { configuration = {} } = action;
    const by = triggerOf(declaration, action.name) ? 'trigger' : isWatched(declaration, action) ? 'watch' : 'nothing';
    const base = { stage: stage.name, action: action.name, startedBy: by } as const;
    try {
      const rights = sourceTools(tools, ctx, action.roleArn ?? declaration.roleArn, PATIENCE_MS);
      return { ...base, found: { revision: (await provider.latest(configuration, rights))?.revisionId } };
    } catch (error) {
      return { ...base, found: { error: messageOf(error) } };
    }
  });
  return (await Promise.all(looks)).filter((found) => found !== undefined);
}

/** Undefined where they could not be listed: then nothing is said of them. */
async function eventRules(tools: InsightTools, ctx: CallContext, state: PipelineState): Promise<readonly EventRule[] | undefined> {
  const { events } = neighbours(tools, ctx);
  try {
    const { RuleNames = [] } = await events.listRuleNamesByTarget({ TargetArn: pipelineArn(state) });
    return await Promise.all(
      RuleNames.map(async (name) => ({ name, enabled: (await events.describeRule({ Name: name })).State !== 'DISABLED' })),
    );
  } catch (error) {
    tools.log.warn('the rules that target a pipeline could not be listed', { pipeline: state.name, error: messageOf(error) });
    return undefined;
  }
}

export function explainOperations(tools: InsightTools): Operations {
  return {
    async explainPipeline({ pipelineName, maxResults = DEFAULT_EXECUTIONS }, ctx) {
      const key = keyFor(ctx, pipelineName);
      const state = await pipelineState(tools, ctx, pipelineName);
      const declaration = declarationOf(state);
      const records = await newestRecords(tools, key, maxResults);
      const [failed, sources, rules, decisions] = await Promise.all([
        failures(tools, key, records),
        look(tools, ctx, state, declaration),
        eventRules(tools, ctx, state),
        decisionsOf(tools.db, ctx, pipelineName, MOST_TRIGGERS),
      ]);
      const triggers = explainTriggers({ state, declaration, records, sources, rules });
      const facts = [...explainNow(state), ...explainPast(records, failed, decisions), ...triggers];
      // How it stands comes first, then what happened, then how the pipeline is made; each as its own rule has ordered it.
      const of = (time: string) => facts.filter((fact) => fact.time === time);
      return { pipelineName, facts: [...of('NOW'), ...of('PAST'), ...of('ALWAYS')] };
    },
  };
}
