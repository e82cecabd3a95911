import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCli, installAwsCli, startAwsCli, type CliVersion } from '../support/aws-cli.ts';
import { commit, git } from '../support/git.ts';
import { Gate } from '../support/gate.ts';
import { StartedServer } from '../support/server.ts';

let server: StartedServer;
beforeAll(async () => {
  server = await StartedServer.start();
});
afterAll(() => server.end());

const UTF8 = { PYTHONIOENCODING: 'utf-8', PYTHONUTF8: '1', LANG: 'C.UTF-8' };

const action = (name: string, category: string, provider: string, more: object) => ({
  name,
  actionTypeId: { category, owner: 'AWS', provider, version: '1' },
  ...more,
});

const pipelineJson = (name: string, source: object) => ({
  pipeline: {
    name,
    pipelineType: 'V2',
    executionMode: 'SUPERSEDED',
    roleArn: 'arn:aws:iam::000000000000:role/pipeline',
    artifactStore: { type: 'S3', location: `${name}-bucket` },
    variables: [{ name: 'target', defaultValue: 'staging', description: 'Where to' }, { name: 'level' }],
    stages: [
      { name: 'Source', actions: [action('Object', 'Source', 'S3', { configuration: source, outputArtifacts: [{ name: 'Code' }] })] },
      {
        name: 'Approve',
        actions: [action('Ask', 'Approval', 'Manual', { configuration: { CustomData: '#{variables.target} at #{variables.level}' } })],
      },
      {
        name: 'Deploy',
        actions: [
          action('Copy', 'Deploy', 'S3', {
            configuration: { BucketName: `${name}-bucket`, Extract: 'true', ObjectKey: 'out/#{variables.target}' },
            inputArtifacts: [{ name: 'Code' }],
          }),
        ],
      },
    ],
  },
});

const project = (name: string) => ({
  name,
  source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases:\n  build:\n    commands: [echo "hello $WHO"]\n' },
  artifacts: { type: 'NO_ARTIFACTS' },
  environment: {
    type: 'LINUX_CONTAINER',
    image: 'host',
    computeType: 'BUILD_GENERAL1_SMALL',
    environmentVariables: [{ name: 'WHO', value: 'nobody' }],
  },
  serviceRole: 'arn:aws:iam::000000000000:role/builds',
});

interface Build {
  readonly id: string;
  readonly buildStatus: string;
  readonly logs: { readonly groupName: string; readonly streamName: string };
}

// Both at once: most of the time is their start-up.
describe.concurrent.each(['v1', 'v2'] as const satisfies CliVersion[])('AWS CLI %s', (version) => {
  const folder = mkdtempSync(join(tmpdir(), `cli-${version}-`));
  afterAll(() => rmSync(folder, { recursive: true }));

  const options = () => ({ endpoint: server.endpoint, key: server.key, cwd: folder, env: UTF8 });
  const raw = (...args: string[]) => awsCli(version, args, options());
  /** What it prints; a complaint fails the test. */
  const aws = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await raw(...args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  };
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await aws(...args)) as T;
  /** A file with this JSON, as the CLI takes it. */
  const file = (name: string, value: object): string => {
    writeFileSync(join(folder, name), JSON.stringify(value));
    return `file://${join(folder, name)}`;
  };
  const ended = (id: string): Promise<Build> =>
    server.until(`the end of ${id}`, async () => {
      const { builds } = await json<{ builds: Build[] }>('codebuild', 'batch-get-builds', '--ids', id);
      return builds[0]!.buildStatus === 'IN_PROGRESS' ? undefined : builds[0];
    });

  it('knows who calls', { concurrent: false }, async () => {
    expect(await json('sts', 'get-caller-identity')).toEqual({
      UserId: '000000000000',
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:root',
    });
  });

  it('keeps objects: mb, cp, sync, ls, presign, rm, rb', { concurrent: false }, async () => {
    const bucket = `s3://objects-${version}`;
    await aws('s3', 'mb', bucket);
    // Larger than the CLI's threshold: in parts.
    const large = Buffer.alloc(9 * 1024 * 1024, 'large ');
    writeFileSync(join(folder, 'large'), large);
    mkdirSync(join(folder, 'tree/deep'), { recursive: true });
    for (const name of ['a b ü.txt', 'deep/c.html']) writeFileSync(join(folder, 'tree', name), name);
    await aws('s3', 'cp', 'large', `${bucket}/large`);
    await aws('s3', 'cp', `${bucket}/large`, 'back');
    expect(readFileSync(join(folder, 'back')).equals(large)).toBe(true);
    await aws('s3', 'sync', 'tree', `${bucket}/tree`);
    expect(await aws('s3', 'sync', 'tree', `${bucket}/tree`)).toBe('');
    rmSync(join(folder, 'tree/deep/c.html'));
    expect(await aws('s3', 'sync', 'tree', `${bucket}/tree`, '--delete')).toContain('delete: ');
    await aws('s3', 'sync', `${bucket}/tree`, 'copy');
    expect(readFileSync(join(folder, 'copy/a b ü.txt'), 'utf8')).toBe('a b ü.txt');
    const listed = await aws('s3', 'ls', `${bucket}/`, '--recursive');
    expect(
      listed
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/^\S+ \S+ +/, '')),
    ).toEqual(['9437184 large', '10 tree/a b ü.txt']);
    expect(await aws('s3', 'ls')).toContain(`objects-${version}\n`);
    const url = (await aws('s3', 'presign', `${bucket}/tree/a b ü.txt`, '--expires-in', '60')).trim();
    expect(await (await fetch(url)).text()).toBe('a b ü.txt');
    await aws('s3', 'rm', bucket, '--recursive');
    await aws('s3', 'rb', bucket);
    expect((await raw('s3', 'ls', bucket)).stderr).toContain('NoSuchBucket');
  });

  it('clones and pushes with the credential helper', { concurrent: false }, async () => {
    const repositoryName = `repo-${version}`;
    type Created = { repositoryMetadata: { cloneUrlHttp: string } };
    const { repositoryMetadata } = await json<Created>('codecommit', 'create-repository', '--repository-name', repositoryName);
    await installAwsCli(version, folder);
    const env = { ...server.env, ...UTF8, PATH: `${folder}:${process.env['PATH']}`, AWS_EC2_METADATA_DISABLED: 'true' };
    // AWS's own two lines: https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html
    const helper = [
      '-c',
      'credential.helper=!aws codecommit credential-helper --ignore-host-check $@',
      '-c',
      'credential.UseHttpPath=true',
    ];
    await git(folder, [...helper, 'clone', '--quiet', repositoryMetadata.cloneUrlHttp, 'work'], env);
    const work = join(folder, 'work');
    const id = await commit(work, { 'readme.md': '# hi\n' }, 'Begin');
    await git(work, [...helper, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main'], env);
    type Branch = { branch: { commitId: string } };
    const branch = ['codecommit', 'get-branch', '--repository-name', repositoryName, '--branch-name', 'main'];
    expect((await json<Branch>(...branch)).branch.commitId).toBe(id);
    await expect(git(work, [...helper, 'fetch'], { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' })).rejects.toThrow(
      /401|403|Authentication failed|could not read/,
    );
  });

  it('builds, and shows what builds print', { concurrent: false }, async () => {
    const name = `project-${version}`;
    await aws('codebuild', 'create-project', '--cli-input-json', file('project.json', project(name)));
    const override = { projectName: name, environmentVariablesOverride: [{ name: 'WHO', value: version, type: 'PLAINTEXT' }] };
    const { build } = await json<{ build: Build }>('codebuild', 'start-build', '--cli-input-json', file('start.json', override));
    const { buildStatus, logs } = await ended(build.id);
    expect(buildStatus).toBe('SUCCEEDED');
    const { ids } = await json<{ ids: string[] }>('codebuild', 'list-builds-for-project', '--project-name', name);
    expect(ids).toEqual([build.id]);
    type Events = { events: { message: string }[] };
    const filtered = await json<Events>(
      'logs',
      'filter-log-events',
      '--log-group-name',
      logs.groupName,
      '--filter-pattern',
      'hello -Running',
    );
    expect(filtered.events.map(({ message }) => message.trim())).toEqual([`hello ${version}`]);
    const stream = ['--log-group-name', logs.groupName, '--log-stream-name', logs.streamName, '--start-from-head'];
    const got = await json<Events>('logs', 'get-log-events', ...stream);
    expect(got.events.map(({ message }) => message.trim())).toContain(`hello ${version}`);
  });

  it('runs a V2 pipeline with variables past its approval', { concurrent: false }, async () => {
    const name = `line-${version}`;
    const bucket = `${name}-bucket`;
    await aws('s3api', 'create-bucket', '--bucket', bucket);
    await aws('s3api', 'put-bucket-versioning', '--bucket', bucket, '--versioning-configuration', 'Status=Enabled');
    const work = join(folder, 'zipped');
    mkdirSync(work);
    await commit(work, { 'index.html': 'deployed' }, 'Zip me');
    await git(work, ['archive', '--format=zip', '-o', join(folder, 'code.zip'), 'HEAD']);
    await aws('s3', 'cp', 'code.zip', `s3://${bucket}/code.zip`);
    const declaration = pipelineJson(name, { S3Bucket: bucket, S3ObjectKey: 'code.zip', PollForSourceChanges: 'false' });
    await aws('codepipeline', 'create-pipeline', '--cli-input-json', file('pipeline.json', declaration));
    const start = ['codepipeline', 'start-pipeline-execution', '--name', name];
    const missing = await raw(...start);
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toMatch(/ValidationException.*level/);
    type Started = { pipelineExecutionId: string };
    const { pipelineExecutionId: id } = await json<Started>(...start, '--variables', 'name=level,value=high');

    type State = {
      stageStates: { stageName: string; latestExecution?: { status: string }; actionStates: { latestExecution?: { token?: string } }[] }[];
    };
    const state = () => json<State>('codepipeline', 'get-pipeline-state', '--name', name);
    const token = await server.until('the approval', async () => (await state()).stageStates[1]!.actionStates[0]!.latestExecution?.token);
    const approval = ['--pipeline-name', name, '--stage-name', 'Approve', '--action-name', 'Ask', '--token', token];
    await aws('codepipeline', 'put-approval-result', ...approval, '--result', 'summary=fine,status=Approved');
    type List = { pipelineExecutionSummaries: { pipelineExecutionId: string; status: string; executionMode: string }[] };
    const [summary] = await server.until('the end', async () => {
      const list = await json<List>('codepipeline', 'list-pipeline-executions', '--pipeline-name', name);
      return list.pipelineExecutionSummaries[0]!.status !== 'InProgress' && list.pipelineExecutionSummaries;
    });
    expect(summary).toMatchObject({ pipelineExecutionId: id, status: 'Succeeded', executionMode: 'SUPERSEDED' });
    expect((await state()).stageStates.map(({ latestExecution }) => latestExecution!.status)).toEqual(Array(3).fill('Succeeded'));
    const get = ['codepipeline', 'get-pipeline-execution', '--pipeline-name', name, '--pipeline-execution-id', id];
    expect(await json(...get)).toMatchObject({
      pipelineExecution: {
        variables: [
          { name: 'target', resolvedValue: 'staging' },
          { name: 'level', resolvedValue: 'high' },
        ],
      },
    });
    expect(await aws('s3', 'cp', `s3://${bucket}/out/staging/index.html`, '-')).toBe('deployed');
  });

  it.runIf(version === 'v2')('tails logs (version 1 has no such command)', { concurrent: false }, async () => {
    const name = 'tailed';
    const gate = await Gate.make();
    const buildspec = `version: 0.2\nphases:\n  build:\n    commands: [echo before, '${gate.command}', echo after]\n`;
    const waiting = { ...project(name), source: { type: 'NO_SOURCE', buildspec } };
    await aws('codebuild', 'create-project', '--cli-input-json', file('waiting.json', waiting));
    const { build } = await json<{ build: Build }>('codebuild', 'start-build', '--project-name', name);
    const group = `/aws/codebuild/${name}`;
    const since = await server.until('the first line', async () => {
      const { stdout } = await raw('logs', 'tail', group, '--since', '10m', '--format', 'short');
      return /^\S+ before$/m.test(stdout) && stdout;
    });
    expect(since).not.toMatch(/^\S+ after$/m);
    const tail = await startAwsCli(version, ['logs', 'tail', group, '--follow', '--since', '10m', '--color', 'off'], options());
    const exit = new Promise((resolve) => tail.once('close', resolve));
    try {
      let printed = '';
      for await (const chunk of tail.stdout!.iterator({ destroyOnReturn: false })) {
        printed += String(chunk).replaceAll('\r', '');
        if (/ before$/m.test(printed)) gate.open();
        if (/ after$/m.test(printed)) break;
      }
      tail.stdout!.resume();
      expect(printed).toMatch(/ before\n[^]* after$/m);
    } finally {
      gate.close();
      tail.stdin!.write('\x03');
      await exit;
    }
    expect((await ended(build.id)).buildStatus).toBe('SUCCEEDED');
    expect((await raw('logs', 'tail', group, '--since', '2030-01-01T00:00:00')).stdout).toBe('');
  });
});
