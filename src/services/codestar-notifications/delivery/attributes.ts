import type { JsonObject } from '../../../kernel/json.ts';
import type { ActionExecutionDetail } from '../../codepipeline/api.gen.ts';
import type { AwsClients } from '../../aws.gen.ts';
import { failedAttributes, type FailedAction, type NotifiedEvent } from '../rules/notification.ts';

/** More pages of actions than any execution fills. */
const MOST_PAGES = 20;

type CodePipeline = AwsClients['codepipeline'];

async function actionsOf(codepipeline: CodePipeline, pipelineName: string, pipelineExecutionId: string): Promise<ActionExecutionDetail[]> {
  const found: ActionExecutionDetail[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const input = { pipelineName, filter: { pipelineExecutionId }, ...(nextToken !== undefined && { nextToken }) };
    const answer = await codepipeline.listActionExecutions(input);
    found.push(...(answer.actionExecutionDetails ?? []));
    nextToken = answer.nextToken;
    if (nextToken === undefined) break;
  }
  return found;
}

function failure({ stageName = '', actionName = '', output }: ActionExecutionDetail): FailedAction {
  const { errorDetails, externalExecutionSummary } = output?.executionResult ?? {};
  const additionalInformation = errorDetails?.message ?? externalExecutionSummary;
  return { stage: stageName, action: actionName, ...(additionalInformation !== undefined && { additionalInformation }) };
}

function approvalAttributes({ input }: ActionExecutionDetail): JsonObject {
  const { CustomData: customData, ExternalEntityLink: externalEntityLink } = input?.resolvedConfiguration ?? input?.configuration ?? {};
  return { ...(customData !== undefined && { customData }), ...(externalEntityLink !== undefined && { externalEntityLink }) };
}

/** What FULL adds to an event: the actions that have failed, and what an approval is about. */
export async function fullAttributes(
  { detail, source, detailType }: NotifiedEvent,
  codepipeline: CodePipeline,
  eventTypeId: string,
): Promise<JsonObject> {
  const { pipeline, 'execution-id': execution, 'action-execution-id': action, stage, state } = detail;
  if (source !== 'aws.codepipeline' || typeof pipeline !== 'string' || typeof execution !== 'string') return {};
  const ofActions = detailType === 'CodePipeline Action Execution State Change';
  if (eventTypeId.includes('-manual-approval-')) {
    const found = (await actionsOf(codepipeline, pipeline, execution)).find(({ actionExecutionId }) => actionExecutionId === action);
    return found ? approvalAttributes(found) : {};
  }
  if (state !== 'FAILED' || ofActions) return {};
  const actions = await actionsOf(codepipeline, pipeline, execution);
  const failed = actions.filter(({ status, stageName }) => status === 'Failed' && (stage === undefined || stageName === stage));
  return failedAttributes(failed.map(failure));
}
