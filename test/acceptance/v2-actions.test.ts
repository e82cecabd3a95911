import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchGetProjectsCommand, CreateProjectCommand } from '@aws-sdk/client-codebuild';
import {
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
  ListActionTypesCommand,
  ListPipelineExecutionsCommand,
  ListRuleExecutionsCommand,
  ListRuleTypesCommand,
  StartPipelineExecutionCommand,
  type ActionDeclaration,
  type PipelineDeclaration,
  type PipelineExecution,
  type RuleDeclaration,
  type SourceRevisionOverride,
  type StageDeclaration,
} from '@aws-sdk/client-codepipeline';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Clients } from '../support/clients.ts';
import { commit, git } from '../support/git.ts';
import { StartedServer } from '../support/server.ts';

const ROLE = 'arn:aws:iam::000000000000:role/pipelines';

let server: StartedServer;
let aws: Clients;
let folder: string;
/** The versions of code.zip, oldest first, and that of other.zip. */
const versions: string[] = [];

async function putZip(Key: string, text: string): Promise<string> {
  await commit(folder, { 'word.txt': text }, text);
  await git(folder, ['archive', '--format=zip', '-o', join(folder, '../code.zip'), 'HEAD']);
  const { VersionId } = await aws.s3.send(
    new PutObjectCommand({ Bucket: 'v2-files', Key, Body: readFileSync(join(folder, '../code.zip')) }),
  );
  return VersionId!;
}

beforeAll(async () => {
  server = await StartedServer.start();
  aws = new Clients(server);
  folder = mkdtempSync(join(mkdtempSync(join(tmpdir(), 'v2-')), 'code-'));
  for (const Bucket of ['v2-files', 'v2-artifacts']) await aws.s3.send(new CreateBucketCommand({ Bucket }));
  await aws.s3.send(new PutBucketVersioningCommand({ Bucket: 'v2-files', VersioningConfiguration: { Status: 'Enabled' } }));
  versions.push(await putZip('code.zip', 'one'), await putZip('code.zip', 'two'));
  await putZip('other.zip', 'three');
});
afterAll(async () => {
  aws.close();
  await server.end();
  rmSync(join(folder, '..'), { recursive: true });
});

const action = (name: string, type: string, more: Partial<ActionDeclaration> = {}): ActionDeclaration => {
  const [category, provider] = type.split('/') as ['Source', string];
  return { name, actionTypeId: { category, owner: 'AWS', provider, version: '1' }, ...more };
};
const source = (more: Record<string, string> = {}): StageDeclaration => ({
  name: 'Source',
  actions: [
    action('Object', 'Source/S3', {
      namespace: 'source',
      configuration: { S3Bucket: 'v2-files', S3ObjectKey: 'code.zip', PollForSourceChanges: 'false', ...more },
      outputArtifacts: [{ name: 'Code' }],
    }),
  ],
});
const rule = (
  name: string,
  provider: string,
  configuration: Record<string, string>,
  more: Partial<RuleDeclaration> = {},
): RuleDeclaration => ({
  name,
  ruleTypeId: { category: 'Rule', owner: 'AWS', provider, version: '1' },
  configuration,
  ...more,
});
const invoke = (PipelineName: string, more: Record<string, string> = {}): ActionDeclaration =>
  action('Call', 'Invoke/CodePipeline', { namespace: 'call', configuration: { PipelineName, ...more } });

/** Creates a V2 pipeline; the execution that its creation starts is waited for. */
async function create(name: string, stages: StageDeclaration[], more: Partial<PipelineDeclaration> = {}): Promise<PipelineExecution> {
  const artifactStore = { type: 'S3', location: 'v2-artifacts' } as const;
  await aws.codepipeline.send(
    new CreatePipelineCommand({ pipeline: { name, roleArn: ROLE, pipelineType: 'V2', artifactStore, stages, ...more } }),
  );
  const { pipelineExecutionSummaries } = await aws.codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: name }));
  return ended(name, pipelineExecutionSummaries![0]!.pipelineExecutionId!);
}

const start = async (name: string, sourceRevisions: SourceRevisionOverride[] = []): Promise<PipelineExecution> => {
  const { pipelineExecutionId } = await aws.codepipeline.send(new StartPipelineExecutionCommand({ name, sourceRevisions }));
  return ended(name, pipelineExecutionId!);
};

const ended = (pipelineName: string, pipelineExecutionId: string): Promise<PipelineExecution> =>
  server.until(`the end of an execution of ${pipelineName}`, async () => {
    const get = new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId });
    const { pipelineExecution } = await aws.codepipeline.send(get);
    return pipelineExecution!.status !== 'InProgress' && pipelineExecution;
  });

const actionsOf = async (pipelineName: string, { pipelineExecutionId }: PipelineExecution) => {
  const list = new ListActionExecutionsCommand({ pipelineName, filter: { pipelineExecutionId } });
  const { actionExecutionDetails } = await aws.codepipeline.send(list);
  return Object.fromEntries(actionExecutionDetails!.map((detail) => [detail.actionName!, detail]));
};

const read = async (Bucket: string, Key: string): Promise<string> =>
  (await aws.s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();

describe('the actions of V2 pipelines, with the SDK', () => {
  it('lists the types of actions and rules', async () => {
    const { actionTypes } = await aws.codepipeline.send(new ListActionTypesCommand({ actionOwnerFilter: 'AWS' }));
    const types = actionTypes!.map(({ id }) => `${id!.category}/${id!.provider}`);
    expect(types).toEqual(expect.arrayContaining(['Compute/Commands', 'Invoke/CodePipeline', 'Build/CodeBuild', 'Test/CodeBuild']));
    const commands = actionTypes!.find(({ id }) => id!.provider === 'Commands')!;
    expect(commands).toMatchObject({
      inputArtifactDetails: { minimumCount: 1, maximumCount: 10 },
      outputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
    });
    const { ruleTypes } = await aws.codepipeline.send(new ListRuleTypesCommand({}));
    const window = ruleTypes!.find(({ id }) => id!.provider === 'DeploymentWindow')!;
    expect(window.ruleConfigurationProperties!.map(({ name, required }) => [name, required])).toEqual([
      ['Cron', true],
      ['TimeZone', false],
    ]);
  });

  it('runs commands: variables in, files and variables out, a log group of the pipeline', async () => {
    const execution = await create('commands', [
      source(),
      {
        name: 'Run',
        beforeEntry: {
          conditions: [
            {
              result: 'FAIL',
              rules: [
                rule('Open', 'DeploymentWindow', { Cron: '* * * ? * * *', TimeZone: 'Europe/Berlin' }),
                rule('Try', 'Commands', {}, { commands: ['test -s word.txt'], inputArtifacts: [{ name: 'Code' }] }),
              ],
            },
          ],
        },
        actions: [
          action('Make', 'Compute/Commands', {
            namespace: 'make',
            inputArtifacts: [{ name: 'Code' }],
            outputArtifacts: [{ name: 'Made', files: ['out/**/*'] }],
            commands: [
              'mkdir out && cd out && tr a-z A-Z < ../word.txt > word.txt && cd ..',
              'export SIZE="$(wc -c < out/word.txt | tr -d \' \')"',
              'echo "in #{codepipeline.PipelineExecutionId} with $GREETING, by $CODEBUILD_INITIATOR"',
            ],
            outputVariables: ['SIZE', 'CODEBUILD_BUILD_ID', 'AWS_DEFAULT_REGION'],
            environmentVariables: [{ name: 'GREETING', value: '#{source.BucketName} "quoted" $HOME', type: 'PLAINTEXT' }],
          }),
        ],
      },
      {
        name: 'Ship',
        actions: [
          action('Put', 'Deploy/S3', {
            inputArtifacts: [{ name: 'Made' }],
            configuration: { BucketName: 'v2-files', Extract: 'true', ObjectKey: 'size-#{make.SIZE}' },
          }),
        ],
      },
    ]);
    const { Make } = await actionsOf('commands', execution);
    expect({ status: execution.status, make: Make?.output?.executionResult }).toMatchObject({ status: 'Succeeded' });
    expect(await read('v2-files', 'size-3/out/word.txt')).toBe('TWO');
    const buildId = Make!.output!.outputVariables!['CODEBUILD_BUILD_ID']!;
    expect(Make!.output!.outputVariables).toEqual({
      SIZE: '3',
      CODEBUILD_BUILD_ID: expect.stringMatching(/^AWSCodePipeline-Commands:/),
      AWS_DEFAULT_REGION: 'us-east-1',
    });
    const log = await aws.log('/aws/codepipeline/commands', `${Make!.actionExecutionId}/${buildId.split(':')[1]}`);
    expect(log).toContain(`in ${execution.pipelineExecutionId} with v2-files "quoted" $HOME, by codepipeline/commands`);
    const { projects } = await aws.codebuild.send(new BatchGetProjectsCommand({ names: ['AWSCodePipeline-Commands'] }));
    expect(projects![0]!.tags).toEqual([{ key: 'pipewright:managed-by', value: 'codepipeline' }]);
    const { ruleExecutionDetails } = await aws.codepipeline.send(new ListRuleExecutionsCommand({ pipelineName: 'commands' }));
    expect(ruleExecutionDetails!.map(({ ruleName, status }) => `${ruleName} ${status}`).toSorted()).toEqual([
      'Open Succeeded',
      'Try Succeeded',
    ]);
  });

  it('fails an action whose commands fail, and one whose secret cannot be fetched', async () => {
    const inputArtifacts = [{ name: 'Code' }];
    const secret = [{ name: 'KEY', value: 'app:key', type: 'SECRETS_MANAGER' }] as const;
    const execution = await create('failing', [
      source(),
      {
        name: 'Run',
        actions: [
          action('Wrong', 'Compute/Commands', { inputArtifacts, commands: ['exit 3'] }),
          action('Secret', 'Compute/Commands', { inputArtifacts, commands: ['true'], environmentVariables: [...secret] }),
        ],
      },
    ]);
    expect(execution.status).toBe('Failed');
    const { Wrong, Secret } = await actionsOf('failing', execution);
    expect(Wrong!.output!.executionResult!.errorDetails).toMatchObject({
      code: 'JobFailed',
      message: expect.stringContaining('exit status 3'),
    });
    expect(Secret!.output!.executionResult!.errorDetails).toMatchObject({
      code: 'JobFailed',
      message: expect.stringContaining("Secrets Manager can't find the specified secret."),
    });
  });

  it('takes every setting of a CodeBuild action, and runs a build as a rule', async () => {
    await aws.codebuild.send(
      new CreateProjectCommand({
        name: 'words',
        serviceRole: ROLE,
        source: { type: 'CODEPIPELINE', buildspec: 'version: 0.2\nphases: {build: {commands: ["grep -q two word.txt"]}}\n' },
        artifacts: { type: 'CODEPIPELINE' },
        environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      }),
    );
    const BuildspecOverride =
      'version: 0.2\nenv: {exported-variables: [B]}\nphases: {build: {commands: [\'B="$(cat "$CODEBUILD_SRC_DIR_Other/word.txt")$A"\']}}\n';
    const EnvironmentVariables = JSON.stringify([{ name: 'A', value: '!' }]);
    const [one, two] = [[{ name: 'Code' }], [{ name: 'Code' }, { name: 'Other' }]];
    const build = (name: string, inputArtifacts: { name: string }[], configuration: Record<string, string>, category = 'Build') =>
      action(name, `${category}/CodeBuild`, { inputArtifacts, configuration: { ProjectName: 'words', ...configuration } });
    const { actions = [] } = source({ S3ObjectKey: 'code.zip' });
    const other = action('Other', 'Source/S3', {
      configuration: { S3Bucket: 'v2-files', S3ObjectKey: 'code.zip', PollForSourceChanges: 'false' },
      outputArtifacts: [{ name: 'Other' }],
    });
    const isTwo = rule('IsTwo', 'CodeBuild', { ProjectName: 'words' }, { inputArtifacts: one });
    const execution = await create('builds', [
      { name: 'Source', actions: [...actions, other] },
      {
        name: 'Build',
        beforeEntry: { conditions: [{ result: 'FAIL', rules: [isTwo] }] },
        actions: [
          build('Right', two, { PrimarySource: 'Code', BuildspecOverride, EnvironmentVariables }, 'Test'),
          build('NoPrimary', two, {}),
          build('WrongPrimary', two, { PrimarySource: 'Code2' }),
          build('Batch', one, { BatchEnabled: 'true', CombineArtifacts: 'true' }),
          build('Combined', one, { CombineArtifacts: 'true' }),
          build('Parameter', one, { EnvironmentVariables: JSON.stringify([{ name: 'P', value: '/p', type: 'PARAMETER_STORE' }]) }),
        ],
      },
    ]);
    const { Right, Object: _object, Other: _other, ...wrong } = await actionsOf('builds', execution);
    expect(Right).toMatchObject({ status: 'Succeeded', output: { outputVariables: { B: 'two!' } } });
    const said = Object.entries(wrong).map(([name, { output }]) => [name, output!.executionResult!.errorDetails!]);
    expect(Object.fromEntries(said)).toMatchObject({
      NoPrimary: { code: 'ConfigurationError', message: expect.stringContaining('PrimarySource must name one') },
      WrongPrimary: { code: 'ConfigurationError', message: expect.stringContaining("'Code2'") },
      Batch: { code: 'ConfigurationError', message: expect.stringContaining('Batch builds are not enabled') },
      Combined: { code: 'ConfigurationError', message: expect.stringContaining('BatchEnabled') },
      Parameter: { code: 'JobFailed', message: expect.stringContaining('parameter does not exist: /p') },
    });
    await putZip('code.zip', 'four');
    expect((await start('builds')).status).toBe('Failed');
    const { ruleExecutionDetails } = await aws.codepipeline.send(new ListRuleExecutionsCommand({ pipelineName: 'builds' }));
    expect(ruleExecutionDetails!.map(({ status, output }) => [status, output!.executionResult!.errorDetails?.code])).toEqual([
      ['Failed', 'JobFailed'],
      ['Succeeded', undefined],
    ]);
    await putZip('code.zip', 'two');
  });

  it('starts on the revisions of its sources that fit them', async () => {
    const ship = (key: string): StageDeclaration => ({
      name: 'Ship',
      actions: [
        action('Put', 'Deploy/S3', {
          inputArtifacts: [{ name: 'Code' }],
          configuration: { BucketName: 'v2-files', Extract: 'true', ObjectKey: key },
        }),
      ],
    });
    await create('pinned', [source(), ship('#{source.VersionId}')]);
    await create('free', [source({ AllowOverrideForS3ObjectKey: 'true' }), ship('#{source.ObjectKey}')]);
    const revision = (revisionType: SourceRevisionOverride['revisionType'], revisionValue: string): SourceRevisionOverride => ({
      actionName: 'Object',
      revisionType,
      revisionValue,
    });
    const old = await start('pinned', [revision('S3_OBJECT_VERSION_ID', versions[0]!)]);
    expect(old.artifactRevisions).toMatchObject([{ name: 'Code', revisionId: versions[0] }]);
    expect(await read('v2-files', `${versions[0]}/word.txt`)).toBe('one');
    expect((await start('free', [revision('S3_OBJECT_KEY', 'other.zip')])).status).toBe('Succeeded');
    expect(await read('v2-files', 'other.zip/word.txt')).toBe('three');
    const both = await start('free', [revision('S3_OBJECT_KEY', 'code.zip'), revision('S3_OBJECT_VERSION_ID', versions[0]!)]);
    expect(both.artifactRevisions).toMatchObject([{ revisionId: versions[0] }]);
    const nothing = await start('pinned', [revision('S3_OBJECT_VERSION_ID', 'nonsense')]);
    expect(nothing.status).toBe('Failed');
    // A deleted object keeps its versions.
    await aws.s3.send(new DeleteObjectCommand({ Bucket: 'v2-files', Key: 'other.zip' }));
    expect((await start('free', [revision('S3_OBJECT_KEY', 'other.zip')])).status).toBe('Failed');
    for (const wrong of [revision('S3_OBJECT_KEY', 'other.zip'), revision('COMMIT_ID', 'abc'), revision('IMAGE_DIGEST', 'sha256:0')])
      await expect(start('pinned', [wrong])).rejects.toMatchObject({ name: 'ValidationException' });
    const [twice] = [revision('S3_OBJECT_VERSION_ID', versions[0]!)];
    await expect(start('pinned', [twice, twice])).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(start('pinned', [{ ...twice, actionName: 'Put' }])).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('invokes a pipeline with variables and revisions, and ends as it ends', async () => {
    const echo = action('Say', 'Compute/Commands', {
      inputArtifacts: [{ name: 'Code' }],
      commands: ['test "#{variables.word}" = "$(cat word.txt)"'],
    });
    const variables = [{ name: 'word', defaultValue: 'two' }];
    await create('inner', [source(), { name: 'Say', actions: [echo] }], { variables });
    const revisions = JSON.stringify([{ actionName: 'Object', revisionType: 'S3_OBJECT_VERSION_ID', revisionValue: versions[0] }]);
    const say = (word: string) => ({ Variables: JSON.stringify([{ name: 'word', value: word }]), SourceRevisions: revisions });
    const right = await create('outer', [source(), { name: 'Call', actions: [invoke('inner', say('one'))] }]);
    expect(right.status).toBe('Succeeded');
    const { Call } = await actionsOf('outer', right);
    const { PipelineExecutionId: id } = Call!.output!.outputVariables!;
    expect(Call!.output!.executionResult!.externalExecutionId).toBe(id);
    expect(await ended('inner', id!)).toMatchObject({
      status: 'Succeeded',
      variables: [{ name: 'word', resolvedValue: 'one' }],
      trigger: { triggerType: 'StartPipelineExecution' },
    });
    const wrong = await create('outer-wrong', [source(), { name: 'Call', actions: [invoke('inner', say('none'))] }]);
    expect(wrong.status).toBe('Failed');
    const failed = await actionsOf('outer-wrong', wrong);
    expect(failed.Call!.output!.executionResult!.errorDetails!.message).toMatch(/^The execution \S+ of the pipeline inner ended as Failed/);
  });

  it.each([
    ['nobody', {}, 'PipelineNotFoundException', /does not exist|nobody/],
    ['commands', { Variables: 'x' }, 'a sentence', /^Variables must be a JSON array/],
    [
      'commands',
      { SourceRevisions: '[{"actionName":"Object","revisionType":"IMAGE_DIGEST","revisionValue":"x"}]' },
      'a sentence',
      /IMAGE_DIGEST/,
    ],
  ] as const)('an invocation of %s with %j fails with %s', async (target, more, _what, message) => {
    const name = `calls-${Object.keys(more)[0] ?? 'nobody'}`;
    const execution = await create(name, [source(), { name: 'Call', actions: [invoke(target, more)] }]);
    const { Call } = await actionsOf(name, execution);
    expect(Call!.output!.executionResult!.errorDetails).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringMatching(message),
    });
  });

  it('refuses circles: at once where a pipeline invokes itself, else when it comes round', async () => {
    await expect(create('self', [source(), { name: 'Call', actions: [invoke('self')] }])).rejects.toMatchObject({
      name: 'InvalidActionDeclarationException',
    });
    await create('a', [source(), { name: 'Call', actions: [invoke('b')] }]);
    const execution = await create('b', [source(), { name: 'Call', actions: [invoke('a')] }]);
    expect(execution.status).toBe('Failed');
    const { pipelineExecutionSummaries } = await aws.codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: 'a' }));
    const [inA] = pipelineExecutionSummaries!;
    const { Call } = await actionsOf('a', await ended('a', inA!.pipelineExecutionId!));
    expect(Call!.output!.executionResult!.errorDetails!.message).toBe('The pipelines invoke each other in a circle: b → a → b');
  });

  it('keeps all of it out of V1 pipelines', async () => {
    const v1 = (stage: StageDeclaration) => create('v1', [source(), stage], { pipelineType: 'V1' });
    const inputArtifacts = [{ name: 'Code' }];
    const refused = { name: 'InvalidActionDeclarationException' };
    await expect(v1({ name: 'R', actions: [action('R', 'Compute/Commands', { inputArtifacts, commands: ['ls'] })] })).rejects.toMatchObject(
      refused,
    );
    await expect(v1({ name: 'R', actions: [invoke('commands')] })).rejects.toMatchObject(refused);
  });
});
