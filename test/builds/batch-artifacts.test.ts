import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  CodeCommitClient,
  CreateCommitCommand,
  CreateRepositoryCommand,
  GetBranchCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import {
  CodePipelineClient,
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  type ActionDeclaration,
} from '@aws-sdk/client-codepipeline';
import { ListBuildBatchesForProjectCommand, RetryBuildBatchCommand } from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchPhases, BatchServer, groupOf, groupsOf } from '../support/batches.ts';
import { outputOf } from '../support/builds.ts';

// Its builds wait for files of the test, which no isolated build sees.
process.env['PIPEWRIGHT_BUILD_ISOLATION'] = 'off';

const world = new BatchServer();
const folder = mkdtempSync(join(tmpdir(), 'batches-'));
const BUCKET = 'batches-in-and-out';

beforeAll(async () => {
  await world.start();
  await world.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  await world.end();
  rmSync(folder, { recursive: true });
});

const bytesOf = async (Bucket: string, Key: string): Promise<Buffer> =>
  Buffer.from(await (await world.s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToByteArray());
const keys = async (Prefix: string) =>
  ((await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }))).Contents ?? []).map(({ Key }) => Key);

/** The names and texts of a zip. */
async function unzipped(bucket: string, key: string): Promise<Record<string, string>> {
  const path = join(folder, 'u.zip');
  writeFileSync(path, await bytesOf(bucket, key));
  const script = 'import sys,json,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nprint(json.dumps({n:z.read(n).decode() for n in z.namelist()}))';
  return JSON.parse(execFileSync('python3', ['-c', script, path]).toString()) as Record<string, string>;
}

function zipped(files: Record<string, string>): Buffer {
  const path = join(folder, 'z.zip');
  const script =
    'import sys,json,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w")\n[z.writestr(k,v) for k,v in json.loads(sys.argv[2]).items()]\nz.close()';
  execFileSync('python3', ['-c', script, path, JSON.stringify(files)]);
  return readFileSync(path);
}

/** Each build makes a file of its own and one that all make. */
const SPEC = `version: 0.2
batch:
  build-list: [{identifier: one}, {identifier: two}]
phases:
  build:
    commands:
      - mkdir -p out/all
      - echo $CODEBUILD_BATCH_BUILD_IDENTIFIER | tee out/$CODEBUILD_BATCH_BUILD_IDENTIFIER.txt > out/all/last.txt
artifacts:
  base-directory: out
  files: ['**/*']
  secondary-artifacts:
    extra: {base-directory: out, files: [all/last.txt]}
`;

describe('combined artifacts', () => {
  const config = { serviceRole: 'batches', combineArtifacts: true };
  const project = (name: string, packaging: 'ZIP' | 'NONE') => ({
    buildBatchConfig: config,
    artifacts: { type: 'S3' as const, location: BUCKET, path: name, name: 'site.zip', packaging, namespaceType: 'BUILD_ID' as const },
  });

  it('are one zip of the primary artifacts of all builds, the later build winning', async () => {
    const batch = await world.runBatch(SPEC, {}, project('zip', 'ZIP'));
    expect(batchPhases(batch).slice(2)).toEqual(['IN_PROGRESS SUCCEEDED', 'COMBINE_ARTIFACTS SUCCEEDED', 'SUCCEEDED']);
    expect(groupsOf(batch)).toEqual(['one SUCCEEDED', 'two SUCCEEDED', 'COMBINE_ARTIFACTS SUCCEEDED']);
    const uuid = batch.id!.split(':')[1]!;
    expect(batch.artifacts!.location).toBe(`arn:aws:s3:::${BUCKET}/zip/${uuid}/site.zip`);
    expect(await unzipped(BUCKET, `zip/${uuid}/site.zip`)).toEqual({ 'all/last.txt': 'two\n', 'one.txt': 'one\n', 'two.txt': 'two\n' });
    expect(batch.artifacts!.sha256sum).toMatch(/^[0-9a-f]{64}$/);
    const log = await world.log(await world.buildOf(batch, 'COMBINE_ARTIFACTS'));
    expect(log).toContain("all/last.txt of two takes the place of an earlier build's");
  });

  it('are the files of all builds in one place where they are not packed', async () => {
    const batch = await world.runBatch(SPEC, {}, project('files', 'NONE'));
    expect(batch.buildBatchStatus).toBe('SUCCEEDED');
    const place = `files/${batch.id!.split(':')[1]!}/site.zip`;
    expect(await keys(place)).toEqual([`${place}/all/last.txt`, `${place}/one.txt`, `${place}/two.txt`]);
  });

  it('are not made where a build failed', async () => {
    const batch = await world.runBatch(
      SPEC.replace('mkdir', 'test $CODEBUILD_BATCH_BUILD_IDENTIFIER = one && mkdir'),
      {},
      project('failed', 'ZIP'),
    );
    expect(groupsOf(batch)).toEqual(['one SUCCEEDED', 'two FAILED']);
    expect(batch.artifacts!.location).toBe('');
  });
});

describe('what is built', () => {
  const codecommit = () => new CodeCommitClient({ endpoint: world.endpoint, region: 'us-east-1', credentials: world.credentials });

  it('is the commit that the batchspec was read from, in builds that begin after a push too, and in retries', async () => {
    const client = codecommit();
    const { repositoryMetadata } = await client.send(new CreateRepositoryCommand({ repositoryName: 'pinned' }));
    const text = `version: 0.2
batch: {build-graph: [{identifier: first}, {identifier: second, depend-on: [first]}]}
phases: {build: {commands: ['while [ ! -f ${folder}/go ]; do sleep 0.02; done', 'cat hello.txt', 'test -f ${folder}/mended -o $CODEBUILD_BATCH_BUILD_IDENTIFIER = first']}}
`;
    const file = (filePath: string, content: string) => ({ filePath, fileContent: Buffer.from(content) });
    const putFiles = [file('buildspec.yml', text), file('hello.txt', 'old')];
    const { commitId } = await client.send(new CreateCommitCommand({ repositoryName: 'pinned', branchName: 'main', putFiles }));
    const source = { type: 'CODECOMMIT' as const, location: repositoryMetadata!.cloneUrlHttp! };
    const { id } = await world.beginBatch('', { sourceVersion: 'main' }, { source });
    await world.untilBatch(id!, (batch) => groupsOf(batch).includes('first IN_PROGRESS'));
    const parentCommitId = (await client.send(new GetBranchCommand({ repositoryName: 'pinned', branchName: 'main' }))).branch!.commitId;
    const change = { repositoryName: 'pinned', branchName: 'main', filePath: 'hello.txt', parentCommitId };
    await client.send(new PutFileCommand({ ...change, fileContent: Buffer.from('new') }));
    writeFileSync(join(folder, 'go'), '');
    const batch = await world.batchEnded(id!);
    expect(groupsOf(batch)).toEqual(['first SUCCEEDED', 'second FAILED']);
    expect(batch.resolvedSourceVersion).toBe(commitId);
    const second = await world.buildOf(batch, 'second');
    expect(second).toMatchObject({ sourceVersion: commitId, resolvedSourceVersion: commitId });
    expect(outputOf(await world.log(second))).toBe('old\n');
    await world.codebuild.send(new RetryBuildBatchCommand({ id, retryType: 'RETRY_FAILED_BUILDS' }));
    writeFileSync(join(folder, 'mended'), '');
    const again = await world.buildOf(await world.batchEnded(id!), 'second');
    expect(again).toMatchObject({ buildStatus: 'SUCCEEDED', resolvedSourceVersion: commitId });
    client.destroy();
  });

  it('is the version of the object that the batchspec was read from, where its bucket keeps versions', async () => {
    const bucket = 'versions-of-sources';
    await world.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await world.s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const put = (text: string) => {
      const Body = zipped({
        'hello.txt': text,
        'buildspec.yml': `version: 0.2
batch: {build-graph: [{identifier: a}, {identifier: b, depend-on: [a]}]}
phases: {build: {commands: ['while [ ! -f ${folder}/put ]; do sleep 0.02; done', 'cat hello.txt']}}
`,
      });
      // The mark of a pipeline's artifact is no version.
      return world.s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: 's.zip', Body, Metadata: { 'codepipeline-artifact-revision': 'r' } }),
      );
    };
    const { VersionId } = await put('old');
    const { id } = await world.beginBatch('', {}, { source: { type: 'S3', location: `${bucket}/s.zip` } });
    await world.untilBatch(id!, (batch) => groupsOf(batch).includes('a IN_PROGRESS'));
    await put('new');
    writeFileSync(join(folder, 'put'), '');
    const batch = await world.batchEnded(id!);
    expect([batch.buildBatchStatus, batch.resolvedSourceVersion]).toEqual(['SUCCEEDED', VersionId]);
    expect(outputOf(await world.log(await world.buildOf(batch, 'b')))).toBe('old\n');
  });

  it('may be what a buildspec of another name says', async () => {
    const text =
      'version: 0.2\nbatch: {build-list: [{identifier: a}, {identifier: b, buildspec: other.yml}]}\nphases: {build: {commands: [echo main]}}\n';
    const other = 'version: 0.2\nphases: {build: {commands: [echo other]}}\n';
    await world.s3.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'in/two.zip', Body: zipped({ 'buildspec.yml': text, 'other.yml': other }) }),
    );
    const batch = await world.runBatch('', {}, { source: { type: 'S3', location: `${BUCKET}/in/two.zip` } });
    expect(outputOf(await world.log(await world.buildOf(batch, 'a')))).toBe('main\n');
    expect(outputOf(await world.log(await world.buildOf(batch, 'b')))).toBe('other\n');
  });
});

describe('a batch in a pipeline', () => {
  const TRUST = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'codepipeline.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  const ROLE = 'arn:aws:iam::000000000000:role/pipelines';
  const type = (category: string, provider: string) =>
    ({ category, owner: 'AWS', provider, version: '1' }) as ActionDeclaration['actionTypeId'];
  let codepipeline: CodePipelineClient;
  beforeAll(async () => {
    const config = { endpoint: world.endpoint, region: 'us-east-1', credentials: world.credentials };
    codepipeline = new CodePipelineClient(config);
    const iam = new IAMClient(config);
    await iam.send(new CreateRoleCommand({ RoleName: 'pipelines', AssumeRolePolicyDocument: TRUST }));
    iam.destroy();
    await world.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'in/source.zip', Body: zipped({ 'buildspec.yml': SPEC }) }));
  });
  afterAll(() => codepipeline.destroy());

  /** Runs a pipeline whose one build action is this; answers how it ended. */
  async function run(name: string, configuration: Record<string, string>, outputs: readonly string[], batches = true) {
    const project = await world.project(undefined, {
      source: { type: 'CODEPIPELINE' },
      artifacts: { type: 'CODEPIPELINE' },
      ...(batches && { buildBatchConfig: { serviceRole: 'batches' } }),
    });
    const source = { name: 'In', actionTypeId: type('Source', 'S3'), outputArtifacts: [{ name: 'Source' }] };
    const build = { name: 'Build', actionTypeId: type('Build', 'CodeBuild'), inputArtifacts: [{ name: 'Source' }] };
    const stages = [
      {
        name: 'Source',
        actions: [{ ...source, configuration: { S3Bucket: BUCKET, S3ObjectKey: 'in/source.zip', PollForSourceChanges: 'false' } }],
      },
      {
        name: 'Build',
        actions: [
          {
            ...build,
            configuration: { ProjectName: project, ...configuration },
            outputArtifacts: outputs.map((output) => ({ name: output })),
          },
        ],
      },
    ];
    await codepipeline.send(
      new CreatePipelineCommand({ pipeline: { name, roleArn: ROLE, artifactStore: { type: 'S3', location: BUCKET }, stages } }),
    );
    const status = await ended(name);
    const { actionExecutionDetails } = await codepipeline.send(new ListActionExecutionsCommand({ pipelineName: name }));
    const action = actionExecutionDetails!.find(({ actionName }) => actionName === 'Build')!;
    return { status, project, action };
  }

  async function ended(pipelineName: string): Promise<string> {
    for (;;) {
      const { pipelineExecutionSummaries = [] } = await codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName }));
      const pipelineExecutionId = pipelineExecutionSummaries[0]?.pipelineExecutionId;
      if (pipelineExecutionId !== undefined) {
        const { pipelineExecution } = await codepipeline.send(new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId }));
        if (pipelineExecution!.status !== 'InProgress') return pipelineExecution!.status!;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  type Action = Awaited<ReturnType<typeof run>>['action'];
  const contentOf = (action: Action, name: string) => {
    const { s3location } = action.output!.outputArtifacts!.find((output) => output.name === name)!;
    return unzipped(s3location!.bucket!, s3location!.key!);
  };

  it('gives each output what the build of its name made, primary and secondary', async () => {
    const { status, project, action } = await run('separate', { BatchEnabled: 'true' }, ['one', 'one_extra', 'two_extra']);
    expect(status).toBe('Succeeded');
    expect(await contentOf(action, 'one')).toEqual({ 'all/last.txt': 'one\n', 'one.txt': 'one\n' });
    expect(await contentOf(action, 'one_extra')).toEqual({ 'all/last.txt': 'one\n' });
    expect(await contentOf(action, 'two_extra')).toEqual({ 'all/last.txt': 'two\n' });
    const { ids } = await world.codebuild.send(new ListBuildBatchesForProjectCommand({ projectName: project }));
    expect(action.output!.executionResult!.externalExecutionId).toBe(ids![0]);
    const batch = await world.getBatch(ids![0]!);
    expect(batch.initiator).toBe('codepipeline/separate');
    expect(groupOf(batch, 'one').currentBuildSummary!.secondaryArtifacts).toMatchObject([{ identifier: 'extra' }]);
  });

  it('gives one output all that the builds made', async () => {
    const { status, action } = await run('combined', { BatchEnabled: 'true', CombineArtifacts: 'true' }, ['All']);
    expect(status).toBe('Succeeded');
    expect(Object.keys(await contentOf(action, 'All')).toSorted()).toEqual(['all/last.txt', 'one.txt', 'two.txt']);
  });

  it.each([
    ['an output that no build makes', { BatchEnabled: 'true' }, ['three'], true, 'No build of the batch makes the output artifact three'],
    ['two outputs, and combines', { BatchEnabled: 'true', CombineArtifacts: 'true' }, ['one', 'two'], true, 'at most one output'],
    ['a project without batches', { BatchEnabled: 'true' }, ['one'], false, 'Batch builds are not enabled'],
  ] as const)('fails with %s, and says so', async (name, configuration, outputs, batches, message) => {
    const { status, action } = await run(name.replace(/[ ,]+/g, '-'), configuration, outputs, batches);
    expect(status).toBe('Failed');
    expect(action.output!.executionResult!.errorDetails!.message).toContain(message);
  });
});
