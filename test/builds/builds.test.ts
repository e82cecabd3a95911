import { gunzipSync } from 'node:zlib';
import { StopBuildCommand, type Build } from '@aws-sdk/client-codebuild';
import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildServer, outputOf, phasesOf } from '../support/builds.ts';
import { workspaces } from '../support/workspaces.ts';

const world = new BuildServer();
beforeAll(() => world.start());
afterAll(() => world.end());

const spec = (text: string): string => `version: 0.2\n${text}`;

describe('a build on the host', () => {
  it('runs its phases in one shell and shows them as AWS does', async () => {
    const build = await world.run(
      spec(
        'phases:\n  post_build:\n    commands: [echo "$X in $(basename $PWD)"]\n  install:\n    commands: [X=kept, mkdir sub, cd sub]\n',
      ),
    );
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(phasesOf(build)).toEqual([
      'SUBMITTED SUCCEEDED',
      'QUEUED SUCCEEDED',
      'PROVISIONING SUCCEEDED',
      'DOWNLOAD_SOURCE SUCCEEDED',
      'INSTALL SUCCEEDED',
      'PRE_BUILD SUCCEEDED',
      'BUILD SUCCEEDED',
      'POST_BUILD SUCCEEDED',
      'UPLOAD_ARTIFACTS SUCCEEDED',
      'FINALIZING SUCCEEDED',
      'COMPLETED',
    ]);
    expect(build).toMatchObject({ currentPhase: 'COMPLETED', buildNumber: 1, initiator: 'root' });
    const log = await world.log(build);
    expect(outputOf(log)).toBe('kept in sub\n');
    expect(log).toMatch(/^\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} Running command X=kept$/m);
    expect([...workspaces(world.data)]).toEqual([]);
  });

  it('says which command failed, still runs post_build, and tells it', async () => {
    const build = await world.run(
      spec(
        'phases:\n  build:\n    commands: [exit 3, echo never]\n    finally: [echo finally]\n  post_build:\n    commands: [echo "succeeding=$CODEBUILD_BUILD_SUCCEEDING"]\n',
      ),
    );
    expect(build.buildStatus).toBe('FAILED');
    const failed = build.phases!.find((phase) => phase.phaseType === 'BUILD')!;
    expect(failed.contexts).toEqual([
      { statusCode: 'COMMAND_EXECUTION_ERROR', message: 'Error while executing command: exit 3. Reason: exit status 3' },
    ]);
    const log = await world.log(build);
    expect(outputOf(log)).toBe('finally\nsucceeding=0\n');
    expect(log).toContain('Command did not exit successfully exit 3 exit status 3');
    expect(log).toContain('Phase complete: BUILD State: FAILED');
  });

  it('runs nothing more after a failure before BUILD', async () => {
    const build = await world.run(spec('phases:\n  pre_build:\n    commands: ["false"]\n  build:\n    commands: [echo never]\n'));
    expect(phasesOf(build).slice(4)).toEqual(['INSTALL SUCCEEDED', 'PRE_BUILD FAILED', 'FINALIZING SUCCEEDED', 'COMPLETED']);
  });

  it('obeys on-failure', async () => {
    const goOn = await world.run(
      spec('phases:\n  install:\n    on-failure: CONTINUE\n    commands: ["false"]\n  build:\n    commands: [echo on]\n'),
    );
    expect(goOn.buildStatus).toBe('FAILED');
    expect(outputOf(await world.log(goOn))).toBe('on\n');
    const abort = await world.run(
      spec('phases:\n  build:\n    on-failure: ABORT\n    commands: ["false"]\n  post_build:\n    commands: [echo never]\n'),
    );
    expect(phasesOf(abort).slice(6)).toEqual(['BUILD FAILED', 'FINALIZING SUCCEEDED', 'COMPLETED']);
  });

  it('retries a phase as on-failure says, from where it began', async () => {
    const text = (retry: string, fails: string) =>
      spec(
        `phases:\n  install:\n    commands: [mkdir sub, X=1]\n  build:\n    on-failure: ${retry}\n    commands: ["cd sub; X=$((X + 1)); echo $X; n=$(cat n 2>/dev/null); echo \\"x$n\\" > n", "${fails}"]\n    finally: [echo finally]\n`,
      );
    const log = async (retry: string, fails: string) => {
      const build = await world.run(text(retry, fails));
      return `${build.buildStatus} ${outputOf(await world.log(build))
        .replaceAll('\n', ' ')
        .trim()}`;
    };
    expect(await log('RETRY', '[ $(cat n) = xx ]')).toBe('SUCCEEDED 2 finally 2 finally');
    expect(await log('RETRY-1', 'exit 3')).toBe('FAILED 2 finally 2 finally');
    expect(await log('RETRY-0', 'false')).toBe('FAILED 2 finally');
    expect(await log('RETRY-.*[Tt]imed out.*', 'echo it timed out; test $(cat n) = xx')).toBe(
      'SUCCEEDED 2 it timed out finally 2 it timed out finally',
    );
    expect(await log('RETRY-2-exit status 7', 'exit 8')).toBe('FAILED 2 finally');
    expect(await log('RETRY-2-exit status 7', 'exit 7')).toBe('FAILED 2 finally 2 finally 2 finally');
    const slow = await world.run(text('RETRY-^(a+)+$', 'echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab; false'));
    expect(await world.log(slow)).toContain('takes too long');
  });

  it('fails in DOWNLOAD_SOURCE where the buildspec is no buildspec, with the place', async () => {
    const build = await world.run(spec('phases:\n  build:\n    commands:\n      - echo "a: b"\n'));
    expect(phasesOf(build).slice(3)).toEqual(['DOWNLOAD_SOURCE FAILED', 'FINALIZING SUCCEEDED', 'COMPLETED']);
    expect(build.phases![3]!.contexts![0]).toEqual({
      statusCode: 'YAML_FILE_ERROR',
      message: 'Expected Commands[0] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty',
    });
    expect(await world.log(build)).toContain(' ^^^^^^^^^^^');
  });

  it('lets the call win over the project and the project over the buildspec, expands nothing, and exports what was asked for', async () => {
    const build = await world.run(
      spec(
        'env:\n  variables: {A: spec, B: spec, C: "spec $HOME"}\n  exported-variables: [D, MISSING]\nphases:\n  build:\n    commands:\n      - echo "$A $B $C"\n      - D="x $CODEBUILD_BUILD_NUMBER"\n',
      ),
      { environmentVariablesOverride: [{ name: 'A', value: 'call' }] },
      {
        environment: {
          type: 'LINUX_CONTAINER',
          image: 'aws/codebuild/standard:7.0',
          computeType: 'BUILD_GENERAL1_SMALL',
          environmentVariables: [
            { name: 'A', value: 'project' },
            { name: 'B', value: 'project' },
          ],
        },
      },
    );
    expect(outputOf(await world.log(build))).toBe('call project spec $HOME\n');
    expect(build.exportedEnvironmentVariables).toEqual([{ name: 'D', value: 'x 1' }]);
    expect((await world.log(build)).split('\n')[0]).toContain('aws/codebuild/standard:7.0');
  });

  it('stops at once when it is told to, and leaves nothing running', async () => {
    const { id } = await world.begin(
      await world.project(spec('phases:\n  build:\n    commands: [echo started, sleep 300]\n  post_build:\n    commands: [echo never]\n')),
    );
    await world.until(id!, (build) => build.currentPhase === 'BUILD');
    const began = Date.now();
    await world.codebuild.send(new StopBuildCommand({ id }));
    const build = await world.ended(id!);
    expect(build.buildStatus).toBe('STOPPED');
    expect(phasesOf(build).slice(6)).toEqual(['BUILD STOPPED', 'FINALIZING SUCCEEDED', 'COMPLETED']);
    expect(Date.now() - began).toBeLessThan(8_000);
  });

  it('gives its commands the credentials of the service role, and takes them back at the end', async () => {
    const build = await world.run(
      spec(
        'phases:\n  build:\n    commands:\n      - \'curl -sf -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"\'\n      - echo "$AWS_CONTAINER_CREDENTIALS_FULL_URI $AWS_CONTAINER_AUTHORIZATION_TOKEN"\n',
      ),
    );
    const [json, again] = outputOf(await world.log(build)).split('\n');
    expect(JSON.parse(json!)).toMatchObject({ RoleArn: 'arn:aws:iam::000000000000:role/builds' });
    const [url, token] = again!.split(' ');
    const status = await fetch(url!, { headers: { authorization: token! } }).then((response) => response.status);
    expect(status).toBe(403);
  });

  it('streams output while the command runs', async () => {
    const { id } = await world.begin(
      await world.project(
        spec('phases:\n  build:\n    commands: ["echo early; printf prompt; while [ ! -f $HOME/go ]; do sleep 0.02; done"]\n'),
      ),
    );
    let log = '';
    while (!log.includes('\nprompt')) {
      const build = await world.get(id!);
      log = await world.log(build).catch(() => '');
    }
    expect(outputOf(log)).toBe('early\nprompt\n');
    await world.codebuild.send(new StopBuildCommand({ id }));
    expect((await world.ended(id!)).buildStatus).toBe('STOPPED');
  });

  it('runs many at a time and gives each its number', async () => {
    const project = await world.project(spec('phases:\n  build:\n    commands: [echo $CODEBUILD_BUILD_NUMBER]\n'));
    const begun = await Promise.all(Array.from({ length: 12 }, () => world.begin(project)));
    const builds = await Promise.all(begun.map(({ id }) => world.ended(id!)));
    expect(builds.map((build) => build.buildStatus)).toEqual(Array(12).fill('SUCCEEDED'));
    expect(new Set(builds.map((build) => build.buildNumber))).toEqual(new Set(Array.from({ length: 12 }, (_, i) => i + 1)));
  });
});

describe('a log in S3', () => {
  const logsConfig = (location: string) => ({ logsConfig: { s3Logs: { status: 'ENABLED' as const, location } } });
  const stored = async (build: Build): Promise<string> => {
    const [, bucket = '', key = ''] = /^arn:aws:s3:::([^/]+)\/(.+)$/.exec(build.logs!.s3LogsArn!)!;
    const { Body } = await world.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return gunzipSync(await Body!.transformToByteArray()).toString();
  };
  beforeAll(async () => {
    await world.s3.send(new CreateBucketCommand({ Bucket: 'logs-of-builds' }));
  });

  it('holds what CloudWatch Logs hold, and more than a block of it', async () => {
    const command = 'i=0; while [ $i -lt 30000 ]; do echo "line $i of a log that is longer than one block of it"; i=$((i+1)); done';
    const build = await world.run(spec(`phases: {build: {commands: ['${command}']}}\n`), {}, logsConfig('logs-of-builds/deep/er'));
    expect(build.logs!.s3LogsArn).toBe(`arn:aws:s3:::logs-of-builds/deep/er/${build.id!.split(':')[1]!}.gz`);
    const text = await stored(build);
    expect(text).toContain('\nline 29999 of');
    expect(text).toBe(await world.log(build));
  });

  it('is there after a stop, and without CloudWatch Logs', async () => {
    const project = await world.project(spec('phases: {build: {commands: [echo begun, sleep 300]}}\n'), {
      logsConfig: { cloudWatchLogs: { status: 'DISABLED' }, s3Logs: { status: 'ENABLED', location: 'logs-of-builds' } },
    });
    const { id } = await world.begin(project);
    await world.until(id!, (build) => build.currentPhase === 'BUILD');
    await world.codebuild.send(new StopBuildCommand({ id: id! }));
    const build = await world.ended(id!);
    expect(build.logs!.groupName).toBeUndefined();
    expect(await stored(build)).toMatch(/Entering phase BUILD/);
  });

  it('that cannot be stored fails no build', async () => {
    const build = await world.run(spec('phases: {build: {commands: [echo on]}}\n'), {}, logsConfig('absent-bucket-of-logs'));
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(await world.log(build)).toContain('The log could not be stored in S3');
  });
});
