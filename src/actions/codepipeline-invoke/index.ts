import { formatArn } from '../../kernel/arn.ts';
import { isObject } from '../../kernel/json.ts';
import { pipelineOf } from '../../kernel/pipeline-session.ts';
import type { SourceRevisionOverride, SourceRevisionType } from '../../services/codepipeline/api.gen.ts';
import type { ActionJob, ActionProvider, ActionTools, ExternalRef, Progress } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';

const settings = {
  PipelineName: { required: true, type: 'String', description: 'The pipeline to start.' },
  SourceRevisions: {
    required: false,
    type: 'String',
    description: 'A JSON array of {actionName, revisionType, revisionValue}: the revisions its sources take.',
  },
  Variables: { required: false, type: 'String', description: 'A JSON array of {name, value}: its pipeline variables.' },
} as const;

/** Pipelines that invoke each other this deep are taken for a circle. */
const DEEPEST = 20;

const failed = (message: string): Progress => ({ kind: 'failed', reason: 'ConfigurationError', message });

/** A JSON array of objects whose members are all texts; undefined where it is something else. */
function texts(json: string | undefined, members: readonly string[]): readonly Record<string, string>[] | undefined {
  if (json === undefined || json.trim() === '') return [];
  try {
    const items: unknown = JSON.parse(json);
    const fits = (item: unknown) => isObject(item) && members.every((name) => typeof item[name] === 'string');
    return Array.isArray(items) && items.every(fits) ? (items as Record<string, string>[]) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the target is among those that led here: each execution's trigger says which pipeline's action started it. */
async function leadsInCircle({ pipeline, executionId, configuration }: ActionJob, { aws }: ActionTools): Promise<boolean> {
  let at: { readonly pipeline: string; readonly executionId: string } | undefined = { pipeline: pipeline.name, executionId };
  for (let depth = 0; at; depth++) {
    if (at.pipeline === configuration.PipelineName || depth === DEEPEST) return true;
    const { pipelineExecution } = await aws.codepipeline.getPipelineExecution({
      pipelineName: at.pipeline,
      pipelineExecutionId: at.executionId,
    });
    at = pipelineOf(pipelineExecution?.trigger?.triggerDetail ?? '');
  }
  return false;
}

/** Errors that no second try mends. */
const FOR_GOOD = new Set(['PipelineNotFoundException', 'ValidationException', 'AccessDeniedException']);

async function start(job: ActionJob, tools: ActionTools): Promise<Progress> {
  const { PipelineName: name = '', SourceRevisions, Variables } = job.configuration;
  const revisions = texts(SourceRevisions, ['actionName', 'revisionType', 'revisionValue']);
  const variables = texts(Variables, ['name', 'value']);
  if (!revisions) return failed('SourceRevisions must be a JSON array of objects with actionName, revisionType and revisionValue.');
  if (!variables) return failed('Variables must be a JSON array of objects with name and value.');
  if (await leadsInCircle(job, tools))
    return failed(`The pipeline ${name} is one of those that led here: it would invoke itself without end.`);
  try {
    const { pipelineExecutionId = '' } = await tools.aws.codepipeline.startPipelineExecution({
      name,
      clientRequestToken: job.id,
      ...(variables.length > 0 && { variables: variables.map(({ name: variable = '', value = '' }) => ({ name: variable, value })) }),
      ...(revisions.length > 0 && { sourceRevisions: revisions.map(override) }),
    });
    return await follow(job, { id: pipelineExecutionId }, tools);
  } catch (error) {
    if (!FOR_GOOD.has(errorCode(error) ?? '')) throw error;
    return failed(`The pipeline ${name} could not be started: ${(error as Error).message}`);
  }
}

function override({ actionName = '', revisionType, revisionValue = '' }: Record<string, string>): SourceRevisionOverride {
  return { actionName, revisionType: revisionType as SourceRevisionType, revisionValue };
}

async function follow({ account, region, configuration }: ActionJob, ref: ExternalRef, { aws }: ActionTools): Promise<Progress> {
  const pipelineName = configuration.PipelineName ?? '';
  const { pipelineExecution } = await aws.codepipeline.getPipelineExecution({ pipelineName, pipelineExecutionId: ref.id });
  const status = pipelineExecution?.status ?? 'Failed';
  if (status === 'InProgress' || status === 'Stopping')
    return { kind: 'running', ref, wakeOn: [formatArn('codepipeline', region, account, pipelineName)] };
  if (status === 'Succeeded')
    return { kind: 'succeeded', ref, variables: { PipelineExecutionId: ref.id }, summary: `${pipelineName} ${ref.id}` };
  const why = pipelineExecution?.statusSummary;
  const message = `The execution ${ref.id} of the pipeline ${pipelineName} ended as ${status}${why === undefined ? '' : `: ${why}`}`;
  return { kind: 'failed', reason: 'JobFailed', message, ref };
}

/** Starts another pipeline and ends as its execution does. https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-PipelineInvoke.html */
export const codePipelineInvoke: ActionProvider = {
  type: { category: 'Invoke', owner: 'AWS', provider: 'CodePipeline', version: '1' },
  settings,
  artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 0, max: 0 } },
  timeoutMinutes: 7 * 24 * 60,
  start,
  poll: (job, ref, tools) => follow(job, ref, tools),
  // The other pipeline's execution is its own: whoever wants it stopped stops it there.
  async stop() {},
};
