import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awsCli } from '../support/aws-cli.ts';
import { commit, git } from '../support/git.ts';
import { StartedServer } from '../support/server.ts';

let server: StartedServer;
let folder: string;
beforeAll(async () => {
  server = await StartedServer.start();
  folder = mkdtempSync(join(tmpdir(), 'cli-pipelines-'));
});
afterAll(async () => {
  await server.end();
  rmSync(folder, { recursive: true });
});

const raw = (...args: string[]) => awsCli('v2', args, { endpoint: server.endpoint, key: server.key, cwd: folder });
async function aws(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await raw(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}
const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await aws(...args)) as T;
const pipelines = async <T>(command: string, ...args: string[]): Promise<T> => json<T>('codepipeline', command, ...args);
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return `file://${join(folder, name)}`;
}

interface Execution {
  readonly pipelineExecutionId: string;
  readonly status: string;
  readonly executionType?: string;
  readonly rollbackMetadata?: { readonly rollbackTargetPipelineExecutionId: string };
}
interface StageState {
  readonly stageName: string;
  readonly latestExecution?: { readonly status: string };
  readonly beforeEntryConditionState?: { readonly latestExecution?: { readonly status: string } };
}

const NAME = ['--pipeline-name', 'words'];
const type = (category: string, provider: string) => ({ category, owner: 'AWS', provider, version: '1' });

/** As AWS's pages write pipelines: in YAML, with a rule that lets only the word two pass. */
const PIPELINE = stringify({
  pipeline: {
    name: 'words',
    roleArn: 'arn:aws:iam::000000000000:role/pipelines',
    pipelineType: 'V2',
    executionMode: 'QUEUED',
    artifactStore: { type: 'S3', location: 'words-artifacts' },
    stages: [
      {
        name: 'Source',
        actions: [
          {
            name: 'Object',
            namespace: 'source',
            actionTypeId: type('Source', 'S3'),
            configuration: { S3Bucket: 'words', S3ObjectKey: 'code.zip', PollForSourceChanges: 'false' },
            outputArtifacts: [{ name: 'Code' }],
          },
        ],
      },
      {
        name: 'Read',
        actions: [
          {
            name: 'Read',
            namespace: 'read',
            actionTypeId: type('Compute', 'Commands'),
            inputArtifacts: [{ name: 'Code' }],
            commands: ['WORD="$(cat word.txt)"'],
            outputVariables: ['WORD'],
          },
        ],
      },
      {
        name: 'Ship',
        beforeEntry: {
          conditions: [
            {
              result: 'FAIL',
              rules: [
                {
                  name: 'IsTwo',
                  ruleTypeId: type('Rule', 'VariableCheck'),
                  configuration: { Variable: '#{read.WORD}', Operator: 'EQ', Value: 'two' },
                  inputArtifacts: [],
                },
              ],
            },
          ],
        },
        actions: [
          {
            name: 'Put',
            actionTypeId: type('Deploy', 'S3'),
            inputArtifacts: [{ name: 'Code' }],
            configuration: { BucketName: 'words', Extract: 'true', ObjectKey: 'shipped' },
          },
        ],
      },
    ],
  },
});

async function put(text: string): Promise<string> {
  await commit(join(folder), { 'word.txt': text }, text);
  await git(folder, ['archive', '--format=zip', '-o', join(folder, 'code.zip'), 'HEAD', 'word.txt']);
  const { VersionId } = await json<{ VersionId: string }>(
    's3api',
    'put-object',
    '--bucket',
    'words',
    '--key',
    'code.zip',
    '--body',
    'code.zip',
  );
  return VersionId;
}

const executions = async (): Promise<Execution[]> =>
  (await pipelines<{ pipelineExecutionSummaries: Execution[] }>('list-pipeline-executions', ...NAME)).pipelineExecutionSummaries;
const ended = (id: string): Promise<Execution> =>
  server.until(`the end of ${id}`, async () => {
    const found = (await executions()).find(({ pipelineExecutionId }) => pipelineExecutionId === id);
    return found?.status !== 'InProgress' && found;
  });
const ship = async (): Promise<StageState> =>
  (await pipelines<{ stageStates: StageState[] }>('get-pipeline-state', '--name', 'words')).stageStates.find(
    ({ stageName }) => stageName === 'Ship',
  )!;
const shipped = () => aws('s3', 'cp', 's3://words/shipped/word.txt', '-');
const versions: string[] = [];
let first: Execution;

it('takes a V2 pipeline in YAML, and starts it', async () => {
  for (const bucket of ['words', 'words-artifacts']) await aws('s3api', 'create-bucket', '--bucket', bucket);
  await aws('s3api', 'put-bucket-versioning', '--bucket', 'words', '--versioning-configuration', 'Status=Enabled');
  versions.push(await put('two'), await put('one'));
  const created = await pipelines<{ pipeline: { version: number } }>(
    'create-pipeline',
    '--cli-input-yaml',
    file('pipeline.yaml', PIPELINE),
  );
  expect(created.pipeline.version).toBe(1);
  const [onOne] = await executions();
  expect(await ended(onOne!.pipelineExecutionId)).toMatchObject({ status: 'Failed' });
  const revision = `actionName=Object,revisionType=S3_OBJECT_VERSION_ID,revisionValue=${versions[0]}`;
  const start = await pipelines<Execution>('start-pipeline-execution', '--name', 'words', '--source-revisions', revision);
  first = await ended(start.pipelineExecutionId);
  expect(first).toMatchObject({ status: 'Succeeded' });
  expect(await shipped()).toBe('two');
});

it('gives a pipeline back as it takes it: get, edit, update', async () => {
  const got = await aws('codepipeline', 'get-pipeline', '--name', 'words');
  const { pipeline, metadata } = JSON.parse(got) as { pipeline: Record<string, unknown>; metadata: Record<string, unknown> };
  expect(metadata).toMatchObject({ pipelineArn: 'arn:aws:codepipeline:us-east-1:000000000000:words' });
  const update = ['codepipeline', 'update-pipeline', '--cli-input-json'];
  // AWS's pages say to take the metadata out: the CLI itself refuses it.
  const whole = await raw(...update, file('whole.json', got));
  expect({ code: whole.code, stderr: whole.stderr }).toEqual({ code: 252, stderr: expect.stringContaining('metadata') });
  const { pipeline: updated } = await json<{ pipeline: object }>(...update, file('pipeline.json', JSON.stringify({ pipeline })));
  expect(updated).toEqual({ ...pipeline, version: 2 });
  const again = await pipelines<{ pipeline: object }>('get-pipeline', '--name', 'words');
  expect(again.pipeline).toEqual({ ...pipeline, version: 2 });
  const yaml = file('again.yaml', stringify({ pipeline: again.pipeline }));
  expect(await json('codepipeline', 'update-pipeline', '--cli-input-yaml', yaml)).toMatchObject({ pipeline: { version: 3 } });
  expect(readFileSync(join(folder, 'again.yaml'), 'utf8')).toContain('beforeEntry');
});

it('shows why a stage was not entered, and lets it be overridden', async () => {
  const { pipelineExecutionId: id } = await pipelines<Execution>('start-pipeline-execution', '--name', 'words');
  await ended(id);
  expect(await ship()).toMatchObject({ beforeEntryConditionState: { latestExecution: { status: 'Failed' } } });
  type Details = { ruleExecutionDetails: { ruleName: string; status: string; output: { executionResult: object }; input: object }[] };
  const filter = ['--filter', `pipelineExecutionId=${id}`];
  const { ruleExecutionDetails } = await pipelines<Details>('list-rule-executions', ...NAME, ...filter);
  expect(ruleExecutionDetails).toMatchObject([
    {
      ruleName: 'IsTwo',
      status: 'Failed',
      input: { resolvedConfiguration: { Variable: 'one', Operator: 'EQ', Value: 'two' } },
      output: { executionResult: { errorDetails: { message: "'one' EQ 'two' is not so." } } },
    },
  ]);
  const override = ['--stage-name', 'Ship', '--pipeline-execution-id', id, '--condition-type', 'BEFORE_ENTRY'];
  await aws('codepipeline', 'override-stage-condition', ...NAME, ...override);
  const overridden = await server.until('the stage', async () => {
    const state = await ship();
    return state.latestExecution?.status === 'Succeeded' && state;
  });
  expect(overridden).toMatchObject({ beforeEntryConditionState: { latestExecution: { status: 'Overridden' } } });
  expect(await shipped()).toBe('one');
});

it('takes a new revision that somebody puts', async () => {
  const revision = ['--action-revision', `revisionId=${versions[0]},revisionChangeId=${versions[0]},created=2026-01-01T00:00:00Z`];
  const put = ['put-action-revision', ...NAME, '--stage-name', 'Source', '--action-name', 'Object', ...revision] as const;
  const { newRevision, pipelineExecutionId } = await pipelines<Execution & { newRevision: boolean }>(...put);
  expect(newRevision).toBe(true);
  expect(await ended(pipelineExecutionId)).toMatchObject({ status: 'Succeeded' });
  expect(await shipped()).toBe('two');
  expect(await pipelines<object>(...put)).toMatchObject({ newRevision: false });
});

it('rolls a stage back', async () => {
  const before = ['--stage-name', 'Ship', '--target-pipeline-execution-id', first.pipelineExecutionId];
  expect((await raw('codepipeline', 'rollback-stage', ...NAME, ...before)).stderr).toContain('PipelineExecutionOutdatedException');
  const [, overridden] = await executions();
  const back = ['--stage-name', 'Ship', '--target-pipeline-execution-id', overridden!.pipelineExecutionId];
  const { pipelineExecutionId } = await pipelines<Execution>('rollback-stage', ...NAME, ...back);
  expect(await ended(pipelineExecutionId)).toMatchObject({
    executionType: 'ROLLBACK',
    rollbackMetadata: { rollbackTargetPipelineExecutionId: overridden!.pipelineExecutionId },
  });
});
