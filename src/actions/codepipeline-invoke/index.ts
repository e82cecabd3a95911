import { formatArn } from '../../kernel/arn.ts';
import { errorCode } from '../error-code.ts';
import type { ActionJob, ActionProvider, ActionTools, ExternalRef, Progress } from '../../services/codepipeline/provider.ts';
import { settings, startInput } from './settings.ts';

/** As long as an approval may take: whoever invokes a pipeline waits for the people that it asks. */
const TIMEOUT_MINUTES = 7 * 24 * 60;
/** Answers that no second try changes: they speak of the configuration. */
const REFUSALS = new Set(['PipelineNotFoundException', 'ValidationException', 'AccessDeniedException']);

/** Its events carry the pipeline's ARN, whichever execution they are of. */
function running({ configuration, account, region }: ActionJob, ref: ExternalRef): Progress {
  return { kind: 'running', ref, wakeOn: [formatArn('codepipeline', region, account, configuration.PipelineName ?? '')] };
}

async function start(job: ActionJob, { aws }: ActionTools): Promise<Progress> {
  const input = startInput(job);
  if ('problem' in input) return { kind: 'failed', reason: 'ConfigurationError', message: input.problem };
  try {
    const { pipelineExecutionId = '' } = await aws.codepipeline.startPipelineExecution(input);
    return running(job, { id: pipelineExecutionId });
  } catch (error) {
    if (!REFUSALS.has(errorCode(error) ?? '')) throw error;
    return { kind: 'failed', reason: 'ConfigurationError', message: (error as Error).message };
  }
}

async function poll(job: ActionJob, ref: ExternalRef, { aws }: ActionTools): Promise<Progress> {
  const pipelineName = job.configuration.PipelineName ?? '';
  const said = `The execution ${ref.id} of the pipeline ${pipelineName}`;
  const found = await execution(pipelineName, ref.id, aws);
  const { status } = found ?? {};
  if (status === 'InProgress' || status === 'Stopping') return running(job, ref);
  if (status === 'Succeeded') return { kind: 'succeeded', ref, variables: { PipelineExecutionId: ref.id }, summary: `${said} succeeded.` };
  const why = found?.statusSummary === undefined ? '' : `: ${found.statusSummary}`;
  const message = found ? `${said} ended as ${status}${why}` : `${said} is no longer there.`;
  return { kind: 'failed', reason: 'JobFailed', ref, message };
}

/** Undefined where pipeline or execution were deleted meanwhile. */
async function execution(pipelineName: string, pipelineExecutionId: string, aws: ActionTools['aws']) {
  try {
    return (await aws.codepipeline.getPipelineExecution({ pipelineName, pipelineExecutionId })).pipelineExecution;
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'PipelineNotFoundException' && code !== 'PipelineExecutionNotFoundException') throw error;
    return undefined;
  }
}

/**
 * Starts another pipeline and ends as that execution ends. What stops the invoking execution leaves the invoked one alone: AWS says of
 * an abandoned action that its provider's work goes on (https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-stop.html).
 */
export const codePipelineInvoke: ActionProvider = {
  type: { category: 'Invoke', owner: 'AWS', provider: 'CodePipeline', version: '1' },
  settings,
  artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 0, max: 0 } },
  timeoutMinutes: TIMEOUT_MINUTES,
  pipelineTypes: ['V2'],
  start,
  poll,
  async stop() {},
};
