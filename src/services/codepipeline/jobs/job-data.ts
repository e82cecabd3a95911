import type { Sessions } from '../../../ports/credentials.ts';
import type { Principal } from '../../../ports/authorise.ts';
import type { AWSSessionCredentials, JobData } from '../api.gen.ts';
import { findRun, type PerformerTools } from '../performers.ts';
import type { ActionJob, ArtifactLocation } from '../provider.ts';
import { catalogueKey, type TypeId } from '../rules/catalogue.ts';
import { declarationOf, findRunById, pipelineArn, type PipelineState } from '../rules/state.ts';
import type { JobRow } from './tables.ts';

/** A job whose action still runs, with everything its worker is told. */
export interface LiveJob {
  readonly row: JobRow;
  readonly job: ActionJob;
  readonly data: Omit<JobData, 'artifactCredentials'>;
}

const artifact = ({ name, bucket, key }: ArtifactLocation) => ({
  name,
  location: { type: 'S3' as const, s3Location: { bucketName: bucket, objectKey: key } },
});

/** Undefined where the action is over: nobody needs the job any more. */
export function liveJob(row: JobRow, state: PipelineState | undefined, tools: PerformerTools): LiveJob | undefined {
  const found = state && findRunById(state, row.id, row.execution);
  if (!state || found?.kind !== 'action' || found.run.status !== 'InProgress') return undefined;
  const run = findRun(state, { runId: row.id, executionId: row.execution }, tools);
  if (run?.kind !== 'action') return undefined;
  const { job } = run;
  const declaration = declarationOf(state, found.execution.version);
  const action = declaration.stages.find(({ name }) => name === job.stage)?.actions.find(({ name }) => name === job.action);
  const encryptionKey = declaration.artifactStore?.encryptionKey;
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
  return { row, job, data };
}

/** Credentials that reach the job's artifacts and nothing else: inputs to read, outputs to read and write. */
export async function jobCredentials({ job }: LiveJob, sessions: Sessions, ttlSeconds: number) {
  const object = ({ bucket, key }: ArtifactLocation) => `${bucket}/${key}`;
  const session = `codepipeline-job-${job.id}`;
  const principal: Principal = {
    kind: 'role',
    account: job.account,
    arn: `arn:aws:sts::${job.account}:assumed-role/codepipeline-job/${session}`,
    id: `codepipeline-job:${session}`,
    session: 'job',
    objects: { read: job.inputs.map(object), write: job.outputs.map(object) },
  };
  const { accessKeyId, secretAccessKey, sessionToken } = await sessions.issue(principal, ttlSeconds);
  const credentials: AWSSessionCredentials = { accessKeyId, secretAccessKey, sessionToken };
  return { accessKeyId, credentials };
}

export const isOfType = ({ type }: JobRow, id: TypeId): boolean => type === catalogueKey(id);
