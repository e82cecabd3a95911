import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { CodeCommitClient, CreateCommitCommand, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import type { Build } from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildServer, outputOf, phasesOf } from '../support/builds.ts';

process.env['PIPEWRIGHT_TEST_GIT_PROTOCOLS'] = 'https:http:ssh:file';
const world = new BuildServer();
const folder = mkdtempSync(join(tmpdir(), 'sources-'));
const BUCKET = 'builds-in-and-out';

beforeAll(async () => {
  await world.start();
  await world.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  await world.end();
  rmSync(folder, { recursive: true, force: true });
});

const SPEC = 'version: 0.2\nphases: {build: {commands: ["cat hello.txt", "echo version=$CODEBUILD_RESOLVED_SOURCE_VERSION"]}}\n';

function zip(files: Record<string, string>): Buffer {
  const path = join(folder, `z${Math.random()}.zip`);
  const script =
    'import sys,json,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\n[z.writestr(k,v) for k,v in json.loads(sys.argv[2]).items()]\nz.close()';
  execFileSync('python3', ['-c', script, path, JSON.stringify(files)]);
  return readFileSync(path);
}

const put = (Key: string, Body: Buffer | string, Metadata?: Record<string, string>) =>
  world.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, Metadata }));
const get = async (Key: string): Promise<Buffer> =>
  Buffer.from(await (await world.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).Body!.transformToByteArray());
const keys = async (Prefix: string) =>
  ((await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }))).Contents ?? []).map(({ Key }) => Key);

/** The names and texts of a zip. */
function unzipped(bytes: Buffer): Record<string, string> {
  const path = join(folder, `u${Math.random()}.zip`);
  writeFileSync(path, bytes);
  const script = 'import sys,json,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nprint(json.dumps({n:z.read(n).decode() for n in z.namelist()}))';
  return JSON.parse(execFileSync('python3', ['-c', script, path]).toString()) as Record<string, string>;
}

function repository(): { url: string; commits: string[] } {
  const path = mkdtempSync(join(folder, 'repo-'));
  const env = {
    ...process.env,
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.com',
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  const git = (...args: string[]) => execFileSync('git', args, { cwd: path, env }).toString().trim();
  git('init', '-q', '-b', 'main');
  git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const commits = ['one', 'two', 'three'].map((text) => {
    writeFileSync(join(path, 'hello.txt'), `${text}\n`);
    writeFileSync(join(path, 'buildspec.yml'), SPEC);
    git('add', '.');
    git('commit', '-q', '-m', text);
    return git('rev-parse', 'HEAD');
  });
  git('tag', 'v1', commits[0]!);
  git('branch', 'side', commits[1]!);
  git('update-ref', 'refs/pull/7/head', commits[1]!);
  return { url: `file://${path}`, commits };
}

const outcome = async (build: Build) => ({
  status: build.buildStatus,
  output: outputOf(await world.log(build)),
  resolved: build.resolvedSourceVersion,
});

describe('sources', () => {
  it('S3: a zip', async () => {
    await put('in/source.zip', zip({ 'hello.txt': 'from zip\n', 'buildspec.yml': SPEC }));
    const { id } = await world.begin(await world.project(undefined, { source: { type: 'S3', location: `${BUCKET}/in/source.zip` } }));
    expect(await outcome(await world.ended(id!))).toMatchObject({ status: 'SUCCEEDED', output: 'from zip\nversion=\n' });
  });

  it('S3: a folder', async () => {
    await put('folder/hello.txt', 'from folder\n');
    await put('folder/ci/spec.yml', SPEC);
    const source = { type: 'S3', location: `${BUCKET}/folder/`, buildspec: 'ci/spec.yml' } as const;
    const { id } = await world.begin(await world.project(undefined, { source }));
    expect(await outcome(await world.ended(id!))).toMatchObject({ status: 'SUCCEEDED', output: 'from folder\nversion=\n' });
  });

  it('S3: what is not there, or would leave the workspace, fails DOWNLOAD_SOURCE', async () => {
    const failed = async (key: string) => {
      const { id } = await world.begin(await world.project(undefined, { source: { type: 'S3', location: `${BUCKET}/${key}` } }));
      const build = await world.ended(id!);
      expect(phasesOf(build).slice(3)).toEqual(['DOWNLOAD_SOURCE FAILED', 'FINALIZING SUCCEEDED', 'COMPLETED']);
      return build.phases![3]!.contexts![0]!;
    };
    expect(await failed('none.zip')).toMatchObject({ statusCode: 'CLIENT_ERROR', message: expect.stringContaining('NoSuchKey') as string });
    await put('evil.zip', zip({ '../../evil': 'x' }));
    expect(await failed('evil.zip')).toMatchObject({
      statusCode: 'CLIENT_ERROR',
      message: expect.stringContaining('InvalidArchive') as string,
    });
    await put('plain.zip', 'no zip');
    expect(await failed('plain.zip')).toMatchObject({ statusCode: 'CLIENT_ERROR' });
    await put('empty.zip', zip({ 'hello.txt': '' }));
    expect(await failed('empty.zip')).toMatchObject({
      statusCode: 'YAML_FILE_ERROR',
      message: expect.stringContaining('buildspec.yml: no such file or directory') as string,
    });
  });

  it('git: branch, tag, commit, pull request, HEAD', async () => {
    const { url, commits } = repository();
    const project = await world.project(undefined, { source: { type: 'GITHUB', location: url } });
    const wanted = [undefined, 'main', 'v1', 'side', commits[1], 'refs/heads/side', 'pr/7'];
    const expected = [2, 2, 0, 1, 1, 1, 1];
    for (const [i, sourceVersion] of wanted.entries()) {
      const { id } = await world.begin(project, { sourceVersion });
      const commit = commits[expected[i]!]!;
      const output = `${['one', 'two', 'three'][expected[i]!]}\nversion=${commit}\n`;
      expect(await outcome(await world.ended(id!))).toEqual({ status: 'SUCCEEDED', output, resolved: commit });
    }
    const { id } = await world.begin(project, { sourceVersion: '--upload-pack=touch /tmp/owned' });
    expect((await world.ended(id!)).buildStatus).toBe('FAILED');
  });

  it('CODECOMMIT: through our own repositories', async () => {
    const codecommit = new CodeCommitClient({ endpoint: world.endpoint, region: 'us-east-1', credentials: world.credentials });
    await codecommit.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
    const putFiles = [
      { filePath: 'hello.txt', fileContent: Buffer.from('from codecommit\n') },
      { filePath: 'buildspec.yml', fileContent: Buffer.from(SPEC) },
    ];
    const { commitId } = await codecommit.send(new CreateCommitCommand({ repositoryName: 'app', branchName: 'main', putFiles }));
    const location = 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/app';
    const { id } = await world.begin(await world.project(undefined, { source: { type: 'CODECOMMIT', location } }), {
      sourceVersion: 'main',
    });
    expect(await outcome(await world.ended(id!))).toEqual({
      status: 'SUCCEEDED',
      output: `from codecommit\nversion=${commitId}\n`,
      resolved: commitId,
    });
    codecommit.destroy();
  });

  it('git-credential-helper: git in the build needs no password for the source and other repositories of ours', async () => {
    const codecommit = new CodeCommitClient({ endpoint: world.endpoint, region: 'us-east-1', credentials: world.credentials });
    for (const repositoryName of ['helped', 'other']) {
      await codecommit.send(new CreateRepositoryCommand({ repositoryName }));
      const putFiles = [{ filePath: 'hello.txt', fileContent: Buffer.from(`from ${repositoryName}\n`) }];
      await codecommit.send(new CreateCommitCommand({ repositoryName, branchName: 'main', putFiles }));
    }
    codecommit.destroy();
    const commands = [
      'export GIT_TERMINAL_PROMPT=0',
      'git config --global user.name builder',
      'git fetch -q origin main && git show FETCH_HEAD:hello.txt',
      'git clone -q https://git-codecommit.us-east-1.amazonaws.com/v1/repos/other && cat other/hello.txt',
      'git clone -q codecommit::us-east-1://other again && cat again/hello.txt',
      'cd again && git -c user.email=b@localhost commit -q --allow-empty -m pushed && git push -q origin HEAD:pushed && git ls-remote origin pushed | wc -l',
      'cat ~/.gitconfig $(git config --global include.path) | grep -c "$AWS_CONTAINER_AUTHORIZATION_TOKEN" || true',
    ];
    const spec = (helper: string) =>
      JSON.stringify({ version: '0.2', env: { 'git-credential-helper': helper }, phases: { build: { commands } } });
    const source = { type: 'CODECOMMIT', location: 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/helped' } as const;
    const project = await world.project(undefined, { source });
    const { id } = await world.begin(project, { sourceVersion: 'main', buildspecOverride: spec('yes') });
    const ended = await world.ended(id!);
    expect((await outcome(ended)).output).toBe('from helped\nfrom other\nfrom other\n1\n0\n');
    expect(ended.buildStatus).toBe('SUCCEEDED');
    const without = await world.begin(project, { sourceVersion: 'main', buildspecOverride: spec('no') });
    expect(await outcome(await world.ended(without.id!))).toMatchObject({
      status: 'FAILED',
      output: expect.stringContaining('terminal prompts disabled') as string,
    });
  });

  it('secondary sources lie beside the primary', async () => {
    const { url } = repository();
    await put('second.zip', zip({ 'more.txt': 'second\n' }));
    const buildspec = 'version: 0.2\nphases: {build: {commands: ["cat hello.txt $CODEBUILD_SRC_DIR_extra/more.txt"]}}';
    const project = await world.project(undefined, {
      source: { type: 'GITHUB', location: url, buildspec },
      secondarySources: [{ type: 'S3', location: `${BUCKET}/second.zip`, sourceIdentifier: 'extra' }],
    });
    const { id } = await world.begin(project);
    expect((await outcome(await world.ended(id!))).output).toBe('three\nsecond\n');
  });

  it('CODEPIPELINE: the artifact, with the revision it was made from', async () => {
    await put('p/In/abc', zip({ 'hello.txt': 'artifact\n' }), { 'codepipeline-artifact-revision': 'c0ffee' });
    const source = {
      type: 'CODEPIPELINE',
      buildspec: SPEC.replace('"cat', '"printf made > out.txt; cat') + 'artifacts: {files: "*.txt"}\n',
    } as const;
    const project = await world.project(undefined, { source, artifacts: { type: 'CODEPIPELINE' } });
    const arn = `arn:aws:s3:::${BUCKET}/p/In/abc`;
    const { id } = await world.begin(project, {
      sourceTypeOverride: 'CODEPIPELINE',
      sourceLocationOverride: arn,
      sourceVersion: arn,
      artifactsOverride: { type: 'CODEPIPELINE', location: BUCKET, path: 'p/Out/xyz' },
    });
    const build = await world.ended(id!);
    expect(await outcome(build)).toEqual({ status: 'SUCCEEDED', output: 'artifact\nversion=c0ffee\n', resolved: 'c0ffee' });
    expect(build.sourceVersion).toBe(arn);
    expect(unzipped(await get('p/Out/xyz'))).toEqual({ 'hello.txt': 'artifact\n', 'out.txt': 'made' });
  });
});

describe('artifacts to S3', () => {
  const files = 'version: 0.2\nphases: {build: {commands: [mkdir -p out/deep, echo 1 > out/a.txt, echo 2 > out/deep/b.txt, N=name-1]}}\n';

  it('as files below the name', async () => {
    const build = await world.run(
      `${files}artifacts: {base-directory: out, files: ["**/*"]}\n`,
      {},
      { artifacts: { type: 'S3', location: BUCKET, path: 'plain', name: 'site' } },
    );
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(await keys('plain/')).toEqual(['plain/site/a.txt', 'plain/site/deep/b.txt']);
    expect(build.artifacts!.location).toBe(`arn:aws:s3:::${BUCKET}/plain/site`);
  });

  it('as a zip, under the build id, with a name that the build made', async () => {
    const artifacts = {
      type: 'S3',
      location: BUCKET,
      path: 'zips',
      namespaceType: 'BUILD_ID',
      packaging: 'ZIP',
      name: 'x',
      overrideArtifactName: true,
    } as const;
    const build = await world.run(`${files}artifacts: {files: "out/**/*", name: "app-$N.zip", discard-paths: yes}\n`, {}, { artifacts });
    const uuid = build.id!.split(':')[1]!;
    expect(await keys('zips')).toEqual([`zips/${uuid}/app-name-1.zip`]);
    const bytes = await get(`zips/${uuid}/app-name-1.zip`);
    const { Metadata } = await world.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: `zips/${uuid}/app-name-1.zip` }));
    expect(Metadata).toEqual({ 'codebuild-buildarn': build.arn });
    expect(unzipped(bytes)).toEqual({ 'a.txt': '1\n', 'b.txt': '2\n' });
    const { createHash } = await import('node:crypto');
    expect(build.artifacts).toMatchObject({
      sha256sum: createHash('sha256').update(bytes).digest('hex'),
      md5sum: createHash('md5').update(bytes).digest('hex'),
    });
  });

  it('secondary ones by their identifiers', async () => {
    const build = await world.run(
      `${files}artifacts: {files: out/a.txt, secondary-artifacts: {other: {files: "out/**/b.txt"}}}\n`,
      {},
      {
        artifacts: { type: 'S3', location: BUCKET, name: 'first.zip', packaging: 'ZIP' },
        secondaryArtifacts: [{ type: 'S3', location: BUCKET, name: 'second-out.zip', packaging: 'ZIP', artifactIdentifier: 'other' }],
      },
    );
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(unzipped(await get('first.zip'))).toEqual({ 'out/a.txt': '1\n' });
    expect(unzipped(await get('second-out.zip'))).toEqual({ 'out/deep/b.txt': '2\n' });
    expect(build.secondaryArtifacts![0]).toMatchObject({ artifactIdentifier: 'other', location: `arn:aws:s3:::${BUCKET}/second-out.zip` });
  });

  it('fails UPLOAD_ARTIFACTS where nothing matches, or the bucket is not there', async () => {
    const failure = async (text: string, location: string) => {
      const build = await world.run(files + text, {}, { artifacts: { type: 'S3', location } });
      expect(phasesOf(build).slice(8)).toEqual(['UPLOAD_ARTIFACTS FAILED', 'FINALIZING SUCCEEDED', 'COMPLETED']);
      return build.phases![8]!.contexts![0];
    };
    expect(await failure('artifacts: {files: none}\n', BUCKET)).toEqual({
      statusCode: 'CLIENT_ERROR',
      message: 'no matching artifact paths found',
    });
    expect(await failure('artifacts: {files: out/a.txt}\n', 'no-such-bucket-here')).toMatchObject({
      message: expect.stringContaining('NoSuchBucket') as string,
    });
  });

  it('a large one is streamed', async () => {
    const build = await world.run(
      'version: 0.2\nphases: {build: {commands: [head -c 30000000 /dev/urandom > big]}}\nartifacts: {files: big}\n',
      {},
      { artifacts: { type: 'S3', location: BUCKET, name: 'big.zip', packaging: 'ZIP' } },
    );
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect((await get('big.zip')).length).toBeGreaterThan(30_000_000);
  });
});
