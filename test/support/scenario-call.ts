import type { Clock } from '../../src/kernel/clock.ts';
import type { CallContext } from '../../src/protocol/context.ts';
import type { Api, PipelineDeclaration } from '../../src/services/codepipeline/api.gen.ts';
import { whole, type Input } from './scenario-file.ts';

const ACCOUNT = '000000000000';
const NOBODY = '00000000-0000-0000-0000-000000000000';

export const context: CallContext = {
  principal: { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, id: ACCOUNT },
  account: ACCOUNT,
  region: 'us-east-1',
  requestId: 'scenario',
  signal: new AbortController().signal,
  endpoint: 'http://localhost',
};

/** Where the people of a scenario sit. */
export interface Desk {
  /** Asked anew for every call: a shell may have been killed meanwhile. */
  readonly service: () => Partial<Api>;
  readonly pipeline: PipelineDeclaration;
  readonly clock: Clock;
  readonly newToken: () => string;
}

/** A call, and the errors that mean that an earlier one, whose answer never came, had worked. */
type Call = [call: () => Promise<unknown>, done: readonly string[]];

/** The call of the API that an input is. Ids and tokens are looked up before, so that the call can be repeated as it is. */
export async function callOf(input: Input, desk: Desk): Promise<Call> {
  switch (input.do) {
    case 'start':
      return [start(input, desk), []];
    case 'stop':
    case 'abandon':
      return [await stop(input, desk), ['DuplicatedStopRequestException', 'PipelineExecutionNotStoppableException']];
    case 'retry':
    case 'retryAll':
      return [await retry(input, desk), ['StageNotRetryableException']];
    case 'approve':
    case 'reject':
      return [await decide(input, desk), ['ApprovalAlreadyCompletedException', 'InvalidApprovalTokenException']];
    case 'disable':
    case 'enable':
      return [transition(input, desk), []];
    case 'update': {
      const pipeline = { ...desk.pipeline, ...(input.pipeline && whole(input.pipeline)) };
      return [() => desk.service().updatePipeline!({ pipeline }, context), []];
    }
    case 'delete':
      return [() => desk.service().deletePipeline!({ name: desk.pipeline.name }, context), []];
    case 'rollback':
      return [await rollback(input, desk), []];
    case 'override':
      return [await override(input, desk), ['ConditionNotOverridableException', 'NotLatestPipelineExecutionException']];
    case 'revision':
      return [revision(input, desk), []];
  }
}

async function executionIds({ service, pipeline }: Desk): Promise<readonly string[]> {
  const { pipelineExecutionSummaries = [] } = await service().listPipelineExecutions!({ pipelineName: pipeline.name }, context);
  return pipelineExecutionSummaries.map(({ pipelineExecutionId = '' }) => pipelineExecutionId).toReversed();
}

async function executionId(desk: Desk, number = 1): Promise<string> {
  const id = number === 0 ? NOBODY : (await executionIds(desk))[number - 1];
  if (id === undefined) throw new Error(`there is no execution ${number}`);
  return id;
}

function start({ variables = {}, sources = {}, token }: Input, { service, pipeline: { name }, newToken }: Desk) {
  const clientRequestToken = token ?? newToken();
  const input = {
    name,
    clientRequestToken,
    variables: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
    sourceRevisions: Object.entries(sources).map(([actionName, [revisionType, revisionValue]]) => {
      return { actionName, revisionType, revisionValue };
    }),
  };
  return () => service().startPipelineExecution!(input, context);
}

async function stop({ do: deed, execution, reason = 'because' }: Input, desk: Desk) {
  const pipelineExecutionId = await executionId(desk, execution);
  const input = { pipelineName: desk.pipeline.name, pipelineExecutionId, abandon: deed === 'abandon', reason };
  return () => desk.service().stopPipelineExecution!(input, context);
}

async function retry({ do: deed, stage: stageName = '', execution }: Input, desk: Desk) {
  const pipelineExecutionId = await executionId(desk, execution);
  const retryMode = deed === 'retry' ? 'FAILED_ACTIONS' : 'ALL_ACTIONS';
  return () =>
    desk.service().retryStageExecution!({ pipelineName: desk.pipeline.name, stageName, pipelineExecutionId, retryMode }, context);
}

async function decide(input: Input, desk: Desk) {
  const { stage: stageName = '', action: actionName = '' } = input;
  const token = input.token ?? (await approvalToken(input, desk)) ?? 'no-token';
  const result = { status: input.do === 'approve' ? 'Approved' : 'Rejected', summary: 'because' } as const;
  return () => desk.service().putApprovalResult!({ pipelineName: desk.pipeline.name, stageName, actionName, token, result }, context);
}

/** From the state, or, for a certain execution, from its history: in PARALLEL mode the state shows only one. */
async function approvalToken({ stage, action, execution }: Input, desk: Desk): Promise<string | undefined> {
  const { name } = desk.pipeline;
  if (execution === undefined) {
    const { stageStates = [] } = await desk.service().getPipelineState!({ name }, context);
    const states = stageStates.find((state) => state.stageName === stage)?.actionStates;
    return states?.find((state) => state.actionName === action)?.latestExecution?.token;
  }
  const filter = { pipelineExecutionId: await executionId(desk, execution) };
  const { actionExecutionDetails = [] } = await desk.service().listActionExecutions!({ pipelineName: name, filter }, context);
  const detail = actionExecutionDetails.find((candidate) => candidate.stageName === stage && candidate.actionName === action);
  return detail?.output?.executionResult?.externalExecutionId;
}

function transition(input: Input, { service, pipeline }: Desk) {
  const { do: deed, stage: stageName = '', transition: transitionType = 'Inbound', reason = 'because' } = input;
  const of = { pipelineName: pipeline.name, stageName, transitionType } as const;
  if (deed === 'enable') return () => service().enableStageTransition!(of, context);
  return () => service().disableStageTransition!({ ...of, reason }, context);
}

/** Repeated after a kill that came late, it would roll back twice: then it is there already. */
async function rollback({ stage: stageName = '', execution }: Input, desk: Desk) {
  const targetPipelineExecutionId = await executionId(desk, execution);
  const input = { pipelineName: desk.pipeline.name, stageName, targetPipelineExecutionId };
  const { length: known } = await executionIds(desk);
  return async () => {
    if ((await executionIds(desk)).length === known) await desk.service().rollbackStage!(input, context);
  };
}

async function override({ stage: stageName = '', execution, condition: conditionType = 'BEFORE_ENTRY' }: Input, desk: Desk) {
  const pipelineExecutionId = await executionId(desk, execution);
  const input = { pipelineName: desk.pipeline.name, stageName, pipelineExecutionId, conditionType } as const;
  return () => desk.service().overrideStageCondition!(input, context);
}

function revision({ stage: stageName = '', action: actionName = '', revision: revisionId = 'r2' }: Input, desk: Desk) {
  const actionRevision = { revisionId, revisionChangeId: revisionId, created: desk.clock.now() };
  return () => desk.service().putActionRevision!({ pipelineName: desk.pipeline.name, stageName, actionName, actionRevision }, context);
}
