import type { Principal } from '../../../ports/authorise.ts';
import type { JobData } from '../api.gen.ts';
import { findRun, type PerformerTools } from '../performers.ts';
import type { ActionJob, ArtifactLocation, ExternalRef } from '../provider.ts';
import { declarationOf, findRunById, pipelineArn, type PipelineState } from '../rules/state.ts';
import type { JobRow } from './tables.ts';

/** A job whose action still runs, with everything its worker is told. */
export interface LiveJob {
  readonly job: ActionJob;
  /** The worker's own run, as it was named last; the action's id before. */
  readonly ref: ExternalRef;
  readonly data: Omit<JobData, 'artifactCredentials'>;
}

const artifact = ({ name, bucket, key }: ArtifactLocation) => ({
  name,
  location: { type: 'S3' as const, s3Location: { bucketName: bucket, objectKey: key } },
});

/** Undefined where the action is over: nobody needs the job any more. */
export function liveJob(row: JobRow, state: PipelineState | undefined, tools: PerformerTools): LiveJob | undefined {
  const found = state && findRunById(state, row.run, row.execution);
  if (!state || found?.kind !== 'action' || found.run.status !== 'InProgress') return undefined;
  const run = findRun(state, { runId: row.run, executionId: row.execution }, tools);
  if (run?.kind !== 'action') return undefined;
  const { job } = run;
  const declaration = declarationOf(state, found.execution.version);
  const action = declaration.stages.find(({ name }) => name === job.stage)?.actions.find(({ name }) => name === job.action);
  const { encryptionKey } = declaration.artifactStore ?? declaration.artifactStores?.[job.region] ?? {};
  const revisions = Object.values(found.execution.revisions);
  const data: LiveJob['data'] = {
    ...(action && { actionTypeId: action.actionTypeId }),
    actionConfiguration: { configuration: job.configuration },
    pipelineContext: {
      pipelineName: state.name,
      stage: { name: job.stage },
      action: { name: job.action, actionExecutionId: job.id },
      pipelineArn: pipelineArn(state),
      pipelineExecutionId: job.executionId,
    },
    inputArtifacts: job.inputs.map((input) => {
      const revision = revisions.find((one) => one.artifact === input.name)?.revisionId;
      return { ...artifact(input), ...(revision !== undefined && { revision }) };
    }),
    outputArtifacts: job.outputs.map(artifact),
    ...(row.continuation !== null && { continuationToken: row.continuation }),
    ...(encryptionKey && { encryptionKey }),
  };
  return { job, data, ref: found.run.ref ?? { id: job.id } };
}

/** Credentials that reach the job's artifacts and nothing else: inputs to read, outputs to read and write. */
export function jobPrincipal(jobId: string, { job }: LiveJob): Principal {
  const object = ({ bucket, key }: ArtifactLocation) => `${bucket}/${key}`;
  const session = `codepipeline-job-${jobId}`;
  return {
    kind: 'role',
    account: job.account,
    arn: `arn:aws:sts::${job.account}:assumed-role/codepipeline-job/${session}`,
    id: `codepipeline-job:${session}`,
    session: 'job',
    objects: { read: job.inputs.map(object), write: job.outputs.map(object) },
  };
}
