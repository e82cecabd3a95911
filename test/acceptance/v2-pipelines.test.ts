import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  ListRuleExecutionsCommand,
  ListRuleTypesCommand,
  OverrideStageConditionCommand,
  PutActionRevisionCommand,
  RollbackStageCommand,
  StartPipelineExecutionCommand,
  type ActionDeclaration,
  type Condition,
  type PipelineDeclaration,
  type StageDeclaration,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { localHeader, centralHeader, directoryEnd } from '../../src/kernel/zip/format.ts';
import { crc32 } from 'node:zlib';
import { Clients } from '../support/clients.ts';
import { StartedServer } from '../support/server.ts';

let server: StartedServer;
let aws: Clients;
beforeAll(async () => {
  server = await StartedServer.start();
  aws = new Clients(server);
  await aws.iam.send(new CreateRoleCommand({ RoleName: 'pipeline', AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' }));
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'v2-bucket' }));
  await aws.s3.send(new PutBucketVersioningCommand({ Bucket: 'v2-bucket', VersioningConfiguration: { Status: 'Enabled' } }));
  for (const Key of ['source.zip', 'other.zip'])
    await aws.s3.send(new PutObjectCommand({ Bucket: 'v2-bucket', Key, Body: zip('name.txt', Key) }));
});
afterAll(async () => {
  aws.close();
  await server.end();
});

/** A zip of one file. */
function zip(path: string, text: string): Buffer {
  const content = Buffer.from(text);
  const entry = { name: Buffer.from(path), mode: 0o100644, crc32: crc32(content), size: content.length, offset: 0 };
  const file = Buffer.concat([localHeader(entry), content]);
  const directory = centralHeader(entry);
  return Buffer.concat([file, directory, directoryEnd(1, file.length, directory.length)]);
}

const action = (category: string, provider: string, name: string, more: Partial<ActionDeclaration> = {}): ActionDeclaration => ({
  name,
  actionTypeId: { category, owner: 'AWS', provider, version: '1' } as ActionDeclaration['actionTypeId'],
  ...more,
});

const source: StageDeclaration = {
  name: 'Source',
  actions: [
    action('Source', 'S3', 'Object', {
      namespace: 'source',
      configuration: {
        S3Bucket: 'v2-bucket',
        S3ObjectKey: 'source.zip',
        PollForSourceChanges: 'false',
        AllowOverrideForS3ObjectKey: 'true',
      },
      outputArtifacts: [{ name: 'Code' }],
    }),
  ],
};

const commands = (name: string, lines: string[], more: Partial<ActionDeclaration> = {}) =>
  action('Compute', 'Commands', name, { commands: lines, inputArtifacts: [{ name: 'Code' }], ...more });

const check = (Variable: string, Operator: string, Value: string, result: Condition['result']): Condition => ({
  ...(result && { result }),
  rules: [
    {
      name: 'Check',
      ruleTypeId: { category: 'Rule', owner: 'AWS', provider: 'VariableCheck', version: '1' },
      configuration: { Variable, Operator, Value },
    },
  ],
});

async function create(name: string, stages: StageDeclaration[], more: Partial<PipelineDeclaration> = {}): Promise<string> {
  const pipeline: PipelineDeclaration = {
    name,
    pipelineType: 'V2',
    roleArn: 'arn:aws:iam::000000000000:role/pipeline',
    artifactStore: { type: 'S3', location: 'v2-bucket' },
    stages: [source, ...stages],
    ...more,
  };
  await aws.codepipeline.send(new CreatePipelineCommand({ pipeline }));
  const { pipelineExecutionSummaries } = await aws.codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: name }));
  return pipelineExecutionSummaries![0]!.pipelineExecutionId!;
}

const start = async (name: string, more: object = {}): Promise<string> =>
  (await aws.codepipeline.send(new StartPipelineExecutionCommand({ name, ...more }))).pipelineExecutionId!;

const ends = (pipelineName: string, pipelineExecutionId: string) =>
  server.until(`the end of ${pipelineName} ${pipelineExecutionId}`, async () => {
    const get = new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId });
    const { pipelineExecution } = await aws.codepipeline.send(get);
    return pipelineExecution!.status === 'InProgress' ? undefined : pipelineExecution!;
  });

const actionsOf = async (pipelineName: string, pipelineExecutionId: string) =>
  (await aws.codepipeline.send(new ListActionExecutionsCommand({ pipelineName, filter: { pipelineExecutionId } }))).actionExecutionDetails!;

it('runs commands without a project: files in, files and variables out, the log in its group', async () => {
  const id = await create('commands', [
    {
      name: 'Build',
      actions: [
        commands('Make', ['echo "from $GREETING"', 'WORD=$(cat name.txt)', 'mkdir out && cp name.txt out/copy.txt'], {
          namespace: 'make',
          outputArtifacts: [{ name: 'Made', files: ['out/**/*'] }],
          outputVariables: ['WORD'],
          environmentVariables: [{ name: 'GREETING', value: 'Pipewright' }],
        }),
      ],
    },
    {
      name: 'Deploy',
      actions: [
        action('Deploy', 'S3', 'Put', {
          configuration: { BucketName: 'v2-bucket', Extract: 'true', ObjectKey: 'made/#{make.WORD}' },
          inputArtifacts: [{ name: 'Made' }],
        }),
      ],
    },
  ]);
  expect(await ends('commands', id)).toMatchObject({ status: 'Succeeded' });
  const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: 'v2-bucket', Key: 'made/source.zip/out/copy.txt' }));
  expect(await Body!.transformToString()).toBe('source.zip');
  const make = (await actionsOf('commands', id)).find(({ actionName }) => actionName === 'Make')!;
  expect(make.output!.outputVariables).toEqual({ WORD: 'source.zip' });
  const { events } = await aws.logs.send(
    new FilterLogEventsCommand({ logGroupName: '/aws/codepipeline/commands', filterPattern: '"from Pipewright"' }),
  );
  // CodeBuild puts the build's own id behind a stream's name.
  expect(events!.map(({ logStreamName }) => logStreamName!.split('/', 1)[0])).toEqual([make.actionExecutionId]);
});

it('fails commands that fail, with their exit status', async () => {
  const id = await create('broken', [{ name: 'Build', actions: [commands('Break', ['exit 3'])] }]);
  expect(await ends('broken', id)).toMatchObject({ status: 'Failed' });
  const [broken] = await actionsOf('broken', id);
  expect(broken!.output!.executionResult!.errorDetails).toMatchObject({
    code: 'JobFailed',
    message: expect.stringContaining('exit status 3'),
  });
});

it('takes another object, and another version, where a start asks for it', async () => {
  const stages = [{ name: 'Build', actions: [commands('Show', ['WORD=$(cat name.txt)'], { outputVariables: ['WORD'] })] }];
  await create('overrides', stages);
  const id = await start('overrides', {
    sourceRevisions: [{ actionName: 'Object', revisionType: 'S3_OBJECT_KEY', revisionValue: 'other.zip' }],
  });
  expect(await ends('overrides', id)).toMatchObject({ status: 'Succeeded' });
  expect((await actionsOf('overrides', id))[0]!.output!.outputVariables).toEqual({ WORD: 'other.zip' });
  const commit = [{ actionName: 'Object', revisionType: 'COMMIT_ID', revisionValue: 'a'.repeat(40) }];
  await expect(start('overrides', { sourceRevisions: commit })).rejects.toMatchObject({ name: 'ValidationException' });
});

it('skips a stage, fails one, and lets an override through', async () => {
  const stages: StageDeclaration[] = [
    {
      name: 'Skipped',
      beforeEntry: { conditions: [check('#{source.BucketName}', 'NE', 'v2-bucket', 'SKIP')] },
      actions: [commands('Never', ['false'])],
    },
    {
      name: 'Held',
      beforeEntry: { conditions: [check('#{variables.go}', 'EQ', 'yes', 'FAIL')] },
      actions: [commands('Go', ['true'])],
    },
  ];
  const id = await create('conditions', stages, { variables: [{ name: 'go', defaultValue: 'no' }] });
  expect(await ends('conditions', id)).toMatchObject({ status: 'Failed', statusSummary: expect.stringContaining('BEFORE_ENTRY') });
  const { stageStates } = await aws.codepipeline.send(new GetPipelineStateCommand({ name: 'conditions' }));
  expect(stageStates!.map(({ latestExecution }) => latestExecution!.status)).toEqual(['Succeeded', 'Skipped', 'Failed']);
  expect(stageStates![2]!.beforeEntryConditionState!.conditionStates![0]!.ruleStates![0]).toMatchObject({
    ruleName: 'Check',
    latestExecution: { status: 'Failed' },
  });
  const { ruleExecutionDetails } = await aws.codepipeline.send(
    new ListRuleExecutionsCommand({ pipelineName: 'conditions', filter: { pipelineExecutionId: id } }),
  );
  expect(ruleExecutionDetails!.map(({ stageName, status }) => [stageName, status])).toEqual([
    ['Held', 'Failed'],
    ['Skipped', 'Failed'],
  ]);
  expect(ruleExecutionDetails![0]!.input!.resolvedConfiguration).toEqual({ Variable: 'no', Operator: 'EQ', Value: 'yes' });
  await aws.codepipeline.send(
    new OverrideStageConditionCommand({
      pipelineName: 'conditions',
      stageName: 'Held',
      pipelineExecutionId: id,
      conditionType: 'BEFORE_ENTRY',
    }),
  );
  expect(await ends('conditions', id)).toMatchObject({ status: 'Succeeded' });
});

it('evaluates the rules that run something, and waits for a window', async () => {
  const rule = (name: string, provider: string, more: object) => ({
    name,
    ruleTypeId: { category: 'Rule' as const, owner: 'AWS' as const, provider, version: '1' },
    ...more,
  });
  const rules = [
    rule('Window', 'DeploymentWindow', { configuration: { Cron: '* * * * * ?', TimeZone: 'Europe/Berlin' } }),
    rule('Lines', 'Commands', { commands: ['test "$(cat name.txt)" = source.zip'], inputArtifacts: [{ name: 'Code' }] }),
  ];
  const id = await create('rules', [
    { name: 'Build', onSuccess: { conditions: [{ result: 'FAIL', rules }] }, actions: [commands('Go', ['true'])] },
  ]);
  expect(await ends('rules', id)).toMatchObject({ status: 'Succeeded' });
  const { ruleTypes } = await aws.codepipeline.send(new ListRuleTypesCommand({}));
  expect(ruleTypes!.map((type) => type.id!.provider)).toEqual(
    expect.arrayContaining(['VariableCheck', 'DeploymentWindow', 'CodeBuild', 'Commands']),
  );
});

it('says clearly which rules wait for their service', async () => {
  const lambda = { ...check('a', 'EQ', 'a', 'FAIL').rules![0]!, ruleTypeId: { category: 'Rule' as const, provider: 'LambdaInvoke' } };
  const stage = {
    name: 'Build',
    beforeEntry: { conditions: [{ result: 'FAIL' as const, rules: [lambda] }] },
    actions: [commands('Go', ['true'])],
  };
  await expect(create('lambda', [stage])).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('needs Lambda'),
  });
});

it('invokes another pipeline and ends as that does, but never in a circle', async () => {
  await create('inner', [
    {
      name: 'Build',
      actions: [commands('Go', ['test "$WORD" != bad || exit 1'], { environmentVariables: [{ name: 'WORD', value: 'x' }] })],
    },
  ]);
  const invoke = (PipelineName: string) => [
    { name: 'Invoke', actions: [action('Invoke', 'CodePipeline', 'Nested', { namespace: 'inner', configuration: { PipelineName } })] },
  ];
  const id = await create('outer', invoke('inner'));
  expect(await ends('outer', id)).toMatchObject({ status: 'Succeeded' });
  const [nested] = await actionsOf('outer', id);
  const innerId = nested!.output!.outputVariables!.PipelineExecutionId!;
  const { pipelineExecution } = await aws.codepipeline.send(
    new GetPipelineExecutionCommand({ pipelineName: 'inner', pipelineExecutionId: innerId }),
  );
  expect(pipelineExecution).toMatchObject({ status: 'Succeeded', trigger: { triggerDetail: expect.stringContaining('outer') } });
  await expect(create('circle', invoke('circle'))).rejects.toMatchObject({ name: 'InvalidActionDeclarationException' });
});

it('rolls a stage back, and takes a revision that is put', async () => {
  const stages = [{ name: 'Build', actions: [commands('Go', ['true'])] }];
  const first = await create('back', stages);
  await ends('back', first);
  const revision = { revisionId: 'r-2', revisionChangeId: 'c-2', created: new Date() };
  const put = { pipelineName: 'back', stageName: 'Source', actionName: 'Object', actionRevision: revision };
  const { newRevision, pipelineExecutionId = '' } = await aws.codepipeline.send(new PutActionRevisionCommand(put));
  expect(newRevision).toBe(true);
  // There is no such version of the object.
  expect(await ends('back', pipelineExecutionId)).toMatchObject({ status: 'Failed', trigger: { triggerType: 'PutActionRevision' } });
  const second = await start('back');
  await ends('back', second);
  const rollback = { pipelineName: 'back', stageName: 'Build', targetPipelineExecutionId: first };
  const { pipelineExecutionId: third = '' } = await aws.codepipeline.send(new RollbackStageCommand(rollback));
  expect(await ends('back', third)).toMatchObject({
    status: 'Succeeded',
    executionType: 'ROLLBACK',
    rollbackMetadata: { rollbackTargetPipelineExecutionId: first },
    trigger: { triggerType: 'ManualRollback' },
  });
  const { pipelineExecutionSummaries } = await aws.codepipeline.send(
    new ListPipelineExecutionsCommand({ pipelineName: 'back', filter: { succeededInStage: { stageName: 'Build' } } }),
  );
  expect(pipelineExecutionSummaries!.map((summary) => summary.pipelineExecutionId)).toEqual([third, second, first]);
  await expect(aws.codepipeline.send(new RollbackStageCommand({ ...rollback, targetPipelineExecutionId: third }))).rejects.toMatchObject({
    name: 'UnableToRollbackStageException',
  });
});
