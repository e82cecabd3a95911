import {
  AcknowledgeJobCommand,
  AcknowledgeThirdPartyJobCommand,
  CreateCustomActionTypeCommand,
  CreatePipelineCommand,
  DeleteCustomActionTypeCommand,
  GetActionTypeCommand,
  GetJobDetailsCommand,
  GetPipelineCommand,
  GetPipelineExecutionCommand,
  GetThirdPartyJobDetailsCommand,
  ListActionExecutionsCommand,
  ListActionTypesCommand,
  PollForJobsCommand,
  PollForThirdPartyJobsCommand,
  PutJobFailureResultCommand,
  PutJobSuccessResultCommand,
  StartPipelineExecutionCommand,
  StopPipelineExecutionCommand,
  UpdateActionTypeCommand,
  UpdatePipelineCommand,
  type ActionDeclaration,
  type ActionTypeId,
  type Job,
  type PipelineDeclaration,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { Clients } from '../support/clients.ts';
import { StartedServer } from '../support/server.ts';

const TYPE: ActionTypeId = { category: 'Build', owner: 'Custom', provider: 'Furnace', version: '1' };
const NO_JOB = '01234567-89ab-4def-8123-456789abcdef';

let server: StartedServer;
let aws: Clients;
beforeAll(async () => {
  // A lease of three seconds, so that a worker that dies is seen to die.
  server = await StartedServer.start({ args: ['--job-lease', '3'] });
  aws = new Clients(server);
  await aws.iam.send(new CreateRoleCommand({ RoleName: 'pipeline', AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' }));
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'jobs-bucket' }));
  await aws.s3.send(new PutObjectCommand({ Bucket: 'jobs-bucket', Key: 'source.zip', Body: 'not looked into' }));
});
afterAll(async () => {
  aws.close();
  await server.end();
});

const action = (name: string, id: ActionTypeId, more: Partial<ActionDeclaration>): ActionDeclaration => ({
  name,
  actionTypeId: id,
  ...more,
});

function pipeline(name: string, configuration: Record<string, string>, type: ActionTypeId = TYPE): PipelineDeclaration {
  const source: ActionTypeId = { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' };
  return {
    name,
    roleArn: 'arn:aws:iam::000000000000:role/pipeline',
    artifactStore: { type: 'S3', location: 'jobs-bucket' },
    stages: [
      {
        name: 'Source',
        actions: [
          action('Object', source, {
            configuration: { S3Bucket: 'jobs-bucket', S3ObjectKey: 'source.zip', PollForSourceChanges: 'false' },
            outputArtifacts: [{ name: 'Code' }],
          }),
        ],
      },
      {
        name: 'Build',
        actions: [
          action('Melt', type, {
            namespace: 'melt',
            configuration,
            inputArtifacts: [{ name: 'Code' }],
            outputArtifacts: [{ name: 'Steel' }],
          }),
        ],
      },
    ],
  };
}

/** Polls until there is a job. */
const poll = (queryParam?: Record<string, string>): Promise<Job> =>
  server.until('a job', async () => {
    const { jobs } = await aws.codepipeline.send(new PollForJobsCommand({ actionTypeId: TYPE, ...(queryParam && { queryParam }) }));
    return jobs![0];
  });

const acknowledge = ({ id, nonce }: Job) => aws.codepipeline.send(new AcknowledgeJobCommand({ jobId: id!, nonce: nonce! }));

const melt = async (pipelineName: string, pipelineExecutionId: string) => {
  const list = new ListActionExecutionsCommand({ pipelineName, filter: { pipelineExecutionId } });
  return (await aws.codepipeline.send(list)).actionExecutionDetails!.find(({ actionName }) => actionName === 'Melt')!;
};

const ends = (pipelineName: string, pipelineExecutionId: string) =>
  server.until(`the end of ${pipelineName}`, async () => {
    const { pipelineExecution } = await aws.codepipeline.send(new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId }));
    return pipelineExecution!.status === 'InProgress' ? undefined : pipelineExecution!.status;
  });

const start = async (name: string) => (await aws.codepipeline.send(new StartPipelineExecutionCommand({ name }))).pipelineExecutionId!;

it('keeps custom action types', async () => {
  const { actionType } = await aws.codepipeline.send(
    new CreateCustomActionTypeCommand({
      category: 'Build',
      provider: 'Furnace',
      version: '1',
      settings: {
        entityUrlTemplate: 'https://furnace.example.com/{Config:Alloy}',
        executionUrlTemplate: 'https://furnace.example.com/run/{ExternalExecutionId}',
      },
      configurationProperties: [
        { name: 'Alloy', required: true, key: true, secret: false, queryable: true },
        { name: 'Password', required: false, key: false, secret: true },
      ],
      inputArtifactDetails: { minimumCount: 1, maximumCount: 1 },
      outputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
    }),
  );
  expect(actionType!.id).toEqual(TYPE);
  const { actionTypes } = await aws.codepipeline.send(new ListActionTypesCommand({ actionOwnerFilter: 'Custom' }));
  expect(actionTypes!.map(({ id }) => id!.provider)).toContain('Furnace');
  await expect(
    aws.codepipeline.send(
      new CreateCustomActionTypeCommand({
        category: 'Build',
        provider: 'Furnace',
        version: '1',
        inputArtifactDetails: { minimumCount: 0, maximumCount: 0 },
        outputArtifactDetails: { minimumCount: 0, maximumCount: 0 },
      }),
    ),
  ).rejects.toMatchObject({ name: 'ValidationException' });
});

it('hands a job to one worker, with credentials for its artifacts alone', async () => {
  await aws.codepipeline.send(new CreatePipelineCommand({ pipeline: pipeline('steel', { Alloy: 'steel', Password: 's3cret-word' }) }));
  const job = await poll({ Alloy: 'steel' });
  expect(job.data).toMatchObject({
    actionTypeId: TYPE,
    // Only the worker is told a secret.
    actionConfiguration: { configuration: { Alloy: 'steel', Password: 's3cret-word' } },
    pipelineContext: { pipelineName: 'steel', stage: { name: 'Build' }, action: { name: 'Melt' } },
    inputArtifacts: [{ name: 'Code' }],
    outputArtifacts: [{ name: 'Steel' }],
  });
  const { jobs } = await aws.codepipeline.send(new PollForJobsCommand({ actionTypeId: TYPE }));
  expect(jobs).toEqual([]);
  await expect(aws.codepipeline.send(new AcknowledgeJobCommand({ jobId: job.id!, nonce: 'other' }))).rejects.toMatchObject({
    name: 'InvalidNonceException',
  });
  await expect(aws.codepipeline.send(new PutJobSuccessResultCommand({ jobId: job.id! }))).rejects.toMatchObject({
    name: 'InvalidJobStateException',
  });
  expect(await acknowledge(job)).toMatchObject({ status: 'InProgress' });

  const { accessKeyId = '', secretAccessKey = '', sessionToken = '' } = job.data!.artifactCredentials!;
  const s3 = new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
  });
  const place = ({
    location,
  }: {
    location?: { s3Location?: { bucketName?: string | undefined; objectKey?: string | undefined } | undefined } | undefined;
  }) => ({
    Bucket: location!.s3Location!.bucketName!,
    Key: location!.s3Location!.objectKey!,
  });
  const [input, output] = [place(job.data!.inputArtifacts![0]!), place(job.data!.outputArtifacts![0]!)];
  expect(await (await s3.send(new GetObjectCommand(input))).Body!.transformToString()).toBe('not looked into');
  await s3.send(new PutObjectCommand({ ...output, Body: 'steel' }));
  for (const forbidden of [
    () => s3.send(new PutObjectCommand({ ...input, Body: 'changed' })),
    () => s3.send(new GetObjectCommand({ Bucket: 'jobs-bucket', Key: 'source.zip' })),
    () => s3.send(new ListObjectsV2Command({ Bucket: 'jobs-bucket' })),
  ]) {
    await expect(forbidden()).rejects.toMatchObject({ name: 'AccessDenied' });
  }
  s3.destroy();

  await aws.codepipeline.send(
    new PutJobSuccessResultCommand({
      jobId: job.id!,
      executionDetails: { summary: 'molten', externalExecutionId: 'run-7', percentComplete: 100 },
      outputVariables: { Degrees: '1500' },
    }),
  );
  const executionId = job.data!.pipelineContext!.pipelineExecutionId!;
  expect(await ends('steel', executionId)).toBe('Succeeded');
  const details = await melt('steel', executionId);
  expect(details).toMatchObject({
    status: 'Succeeded',
    input: { configuration: { Password: '****' }, resolvedConfiguration: { Password: '****' } },
    output: { outputVariables: { Degrees: '1500' }, executionResult: { externalExecutionId: 'run-7', externalExecutionSummary: 'molten' } },
  });
  await expect(aws.codepipeline.send(new PutJobSuccessResultCommand({ jobId: job.id! }))).rejects.toMatchObject({
    name: 'InvalidJobStateException',
  });
});

it('shows no secret, and keeps it through an update that shows it masked', async () => {
  const { pipeline: shown } = await aws.codepipeline.send(new GetPipelineCommand({ name: 'steel' }));
  expect(JSON.stringify(shown)).not.toContain('s3cret-word');
  expect(shown!.stages![1]!.actions![0]!.configuration).toMatchObject({ Password: '****' });
  await aws.codepipeline.send(new UpdatePipelineCommand({ pipeline: shown }));
  const executionId = await start('steel');
  const job = await poll();
  expect(job.data!.actionConfiguration!.configuration).toMatchObject({ Password: 's3cret-word' });
  await acknowledge(job);
  const failureDetails = { type: 'ConfigurationError', message: 'no ore', externalExecutionId: 'run-8' } as const;
  await aws.codepipeline.send(new PutJobFailureResultCommand({ jobId: job.id!, failureDetails }));
  expect(await ends('steel', executionId)).toBe('Failed');
  expect((await melt('steel', executionId)).output!.executionResult).toMatchObject({
    errorDetails: { code: 'ConfigurationError', message: 'no ore' },
  });
});

it('goes on with a continuation token', async () => {
  const executionId = await start('steel');
  const first = await poll();
  await acknowledge(first);
  await aws.codepipeline.send(
    new PutJobSuccessResultCommand({
      jobId: first.id!,
      continuationToken: 'half',
      executionDetails: { summary: 'half way', percentComplete: 50 },
    }),
  );
  const second = await poll();
  // A job of its own, as in AWS: the first one is over.
  expect(second.id).not.toBe(first.id);
  expect(second.data!.continuationToken).toBe('half');
  expect((await melt('steel', executionId)).output!.executionResult).toMatchObject({ externalExecutionSummary: 'half way' });
  await acknowledge(second);
  await aws.codepipeline.send(new PutJobSuccessResultCommand({ jobId: second.id! }));
  expect(await ends('steel', executionId)).toBe('Succeeded');
});

it('offers a job again when its worker died, and takes no result of the dead one', async () => {
  const executionId = await start('steel');
  const dead = await poll();
  await acknowledge(dead);
  const alive = await poll();
  expect(alive.data!.pipelineContext).toEqual(dead.data!.pipelineContext);
  expect(alive.nonce).not.toBe(dead.nonce);
  await expect(aws.codepipeline.send(new PutJobSuccessResultCommand({ jobId: dead.id! }))).rejects.toMatchObject({
    name: 'InvalidJobStateException',
  });
  await expect(acknowledge(dead)).rejects.toMatchObject({ name: 'InvalidNonceException' });
  await acknowledge(alive);
  // Nor does it end the job of the one who has it now, or reach its artifacts.
  await expect(aws.codepipeline.send(new PutJobSuccessResultCommand({ jobId: dead.id! }))).rejects.toMatchObject({
    name: 'InvalidJobStateException',
  });
  const { accessKeyId = '', secretAccessKey = '', sessionToken = '' } = dead.data!.artifactCredentials!;
  const credentials = { accessKeyId, secretAccessKey, sessionToken };
  const s3 = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  const { bucketName: Bucket, objectKey: Key } = dead.data!.outputArtifacts![0]!.location!.s3Location!;
  await expect(s3.send(new PutObjectCommand({ Bucket, Key, Body: 'late' }))).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
  s3.destroy();
  await aws.codepipeline.send(new GetJobDetailsCommand({ jobId: alive.id! }));
  await aws.codepipeline.send(new PutJobSuccessResultCommand({ jobId: alive.id! }));
  expect(await ends('steel', executionId)).toBe('Succeeded');
});

it('survives a kill -9 between poll and result', async () => {
  const executionId = await start('steel');
  const job = await poll();
  await acknowledge(job);
  await server.kill9();
  await server.restart();
  aws.close();
  aws = new Clients(server);
  await aws.codepipeline.send(new PutJobSuccessResultCommand({ jobId: job.id!, outputVariables: { After: 'restart' } }));
  expect(await ends('steel', executionId)).toBe('Succeeded');
  expect((await melt('steel', executionId)).output!.outputVariables).toEqual({ After: 'restart' });
});

it('has a result that was taken after a kill -9 at that moment', async () => {
  const executionId = await start('steel');
  const job = await poll();
  await acknowledge(job);
  await aws.codepipeline.send(new PutJobSuccessResultCommand({ jobId: job.id!, outputVariables: { Before: 'kill' } }));
  await server.kill9();
  await server.restart();
  aws.close();
  aws = new Clients(server);
  expect(await ends('steel', executionId)).toBe('Succeeded');
  expect((await melt('steel', executionId)).output!.outputVariables).toEqual({ Before: 'kill' });
  await expect(aws.codepipeline.send(new PutJobSuccessResultCommand({ jobId: job.id! }))).rejects.toMatchObject({
    name: 'InvalidJobStateException',
  });
});

it('knows which jobs are over', async () => {
  const pipelineExecutionId = await start('steel');
  const job = await poll();
  await acknowledge(job);
  await aws.codepipeline.send(new StopPipelineExecutionCommand({ pipelineName: 'steel', pipelineExecutionId, abandon: true }));
  await expect(aws.codepipeline.send(new PutJobSuccessResultCommand({ jobId: job.id! }))).rejects.toMatchObject({
    name: 'InvalidJobStateException',
  });
  await expect(aws.codepipeline.send(new GetJobDetailsCommand({ jobId: NO_JOB }))).rejects.toMatchObject({ name: 'JobNotFoundException' });
  const unknown = { ...TYPE, provider: 'Nobody' };
  await expect(aws.codepipeline.send(new PollForJobsCommand({ actionTypeId: unknown }))).rejects.toMatchObject({
    name: 'ActionTypeNotFoundException',
  });
});

it('brings a third party’s type, whose workers show their token', async () => {
  const id = { category: 'Build', owner: 'ThirdParty', provider: 'Forge', version: '1' } as const;
  await aws.codepipeline.send(
    new UpdateActionTypeCommand({
      actionType: {
        id,
        executor: { type: 'JobWorker', configuration: { jobWorkerExecutorConfiguration: { pollingAccounts: ['000000000000'] } } },
        inputArtifactDetails: { minimumCount: 1, maximumCount: 1 },
        outputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
        properties: [{ name: 'Alloy', optional: false, key: true, noEcho: false }],
      },
    }),
  );
  await aws.codepipeline.send(new CreatePipelineCommand({ pipeline: pipeline('forge', { Alloy: 'iron' }, id) }));
  const job = await server.until(
    'a job',
    async () => (await aws.codepipeline.send(new PollForThirdPartyJobsCommand({ actionTypeId: id }))).jobs![0],
  );
  expect(job.clientId).toMatch(/^[0-9a-f-]{36}$/);
  const jobId = job.jobId!;
  await expect(aws.codepipeline.send(new GetThirdPartyJobDetailsCommand({ jobId, clientToken: 'wrong' }))).rejects.toMatchObject({
    name: 'InvalidClientTokenException',
  });
  const client = createClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: server.key });
  const { actionType: declared } = await aws.codepipeline.send(new GetActionTypeCommand(id));
  expect(declared).toMatchObject({ executor: { type: 'JobWorker' }, properties: [{ name: 'Alloy', optional: false }] });
  const { clientToken } = await client.pipewright.getThirdPartyClient({ actionTypeId: id });
  client.close();
  const { jobDetails } = await aws.codepipeline.send(new GetThirdPartyJobDetailsCommand({ jobId, clientToken }));
  expect(jobDetails!.data!.actionConfiguration!.configuration).toEqual({ Alloy: 'iron' });
  const ack = new AcknowledgeThirdPartyJobCommand({ jobId, nonce: jobDetails!.nonce!, clientToken });
  expect(await aws.codepipeline.send(ack)).toMatchObject({ status: 'InProgress' });
});

it('deletes a type: new pipelines cannot use it, and its version stays taken', async () => {
  await aws.codepipeline.send(new DeleteCustomActionTypeCommand({ category: 'Build', provider: 'Furnace', version: '1' }));
  await expect(aws.codepipeline.send(new CreatePipelineCommand({ pipeline: pipeline('late', { Alloy: 'tin' }) }))).rejects.toMatchObject({
    name: 'InvalidActionDeclarationException',
  });
  await expect(aws.codepipeline.send(new PollForJobsCommand({ actionTypeId: TYPE }))).rejects.toMatchObject({
    name: 'ActionTypeNotFoundException',
  });
});
