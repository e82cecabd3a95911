import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StopBuildCommand } from '@aws-sdk/client-codebuild';
import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { outputOf, phasesOf } from '../support/builds.ts';
import { ContainerServer, failureOf } from '../support/container-server.ts';
import { eachEngine } from '../support/each-engine.ts';
import { BASH_IMAGE, SH_IMAGE } from '../support/engine-images.ts';
import { startRegistry } from '../support/registry.ts';

function shellLayer(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'layer-'));
  try {
    execFileSync(
      '/bin/sh',
      ['-c', 'mkdir root root/bin && cp /bin/busybox root/bin/ && ln -s busybox root/bin/sh && tar -C root -cf layer.tar .'],
      { cwd: folder },
    );
    return readFileSync(join(folder, 'layer.tar'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await eachEngine((engine) => {
  const world = new ContainerServer(engine);
  beforeAll(async () => {
    world.enter();
    await world.start();
  });
  afterAll(() => world.end());

  it('runs in the image, as root, in one container, and leaves nothing', async () => {
    const build = await world.inImage([
      'id -un; echo "$OF_IMAGE $HOME ${BASH_VERSION:+bash}"; cd /etc',
      'echo installed > /usr/bin/tool; export KEPT=yes; exit 0',
      'cat /usr/bin/tool; echo "$KEPT $PWD"; test -d "$CODEBUILD_SRC_DIR" && echo source',
    ]);
    expect(outputOf(await world.log(build))).toBe('root\nyes /root bash\ninstalled\nyes /etc\nsource\n');
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(phasesOf(build).slice(0, 4)).toEqual([
      'SUBMITTED SUCCEEDED',
      'QUEUED SUCCEEDED',
      'PROVISIONING SUCCEEDED',
      'DOWNLOAD_SOURCE SUCCEEDED',
    ]);
    await world.emptied();
    while (readdirSync(join(world.data, 'work', 'containers')).length > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(existsSync('/usr/bin/tool')).toBe(false);
  });

  it('runs in images that have no bash, and says so where it was asked for', async () => {
    const build = await world.inImage(['echo "${BASH_VERSION:-none}"; exit 3'], SH_IMAGE);
    expect(outputOf(await world.log(build))).toBe('none\n');
    expect(failureOf(build)!.contexts![0]).toMatchObject({
      statusCode: 'COMMAND_EXECUTION_ERROR',
      message: expect.stringContaining('exit status 3') as string,
    });
    const spec = JSON.stringify({ version: '0.2', env: { shell: 'bash' }, phases: { build: { commands: ['x'] } } });
    const asked = await world.run(
      spec,
      {},
      { environment: { type: 'LINUX_CONTAINER', image: SH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL' } },
    );
    expect(failureOf(asked)!.contexts![0]!.message).toContain('bash is not available');
  });

  it('runtime-versions: chooses by the commands of the image, and fails as AWS does where the image has no such version', async () => {
    const environment = { type: 'LINUX_CONTAINER', image: BASH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL' } as const;
    const asking = (versions: object) => {
      const install = { 'runtime-versions': versions, commands: ['echo "$NODE_CHOSEN"'] };
      return world.run(JSON.stringify({ version: '0.2', phases: { install } }), {}, { environment });
    };
    for (const version of ['18', '18.x', 'latest']) {
      const build = await asking({ nodejs: version });
      expect(outputOf(await world.log(build))).toBe('Installing Node.js version 18 ...\n18.20.1\n');
    }
    for (const [versions, has] of [
      [{ nodejs: '22' }, 'of nodejs. This build image has the following versions: 18, 3.10'],
      [{ python: '3.12' }, 'of python. This build image has no python'],
    ] as const)
      expect(failureOf(await asking(versions))).toMatchObject({
        phaseType: 'DOWNLOAD_SOURCE',
        contexts: [{ statusCode: 'YAML_FILE_ERROR', message: expect.stringContaining(has) as string }],
      });
  });

  it('reaches the server from inside, with the credentials of the service role', async () => {
    const build = await world.inImage([
      'wget -q -O - --header "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"',
      'wget -q -O - "$AWS_ENDPOINT_URL/_pipewright/health" >/dev/null && echo reached',
    ]);
    const [json = '', reached] = outputOf(await world.log(build)).split('\n');
    expect(JSON.parse(json)).toMatchObject({ RoleArn: 'arn:aws:iam::000000000000:role/builds' });
    expect(reached).toBe('reached');
  });

  it('fails PROVISIONING where the image cannot be pulled', async () => {
    const build = await world.inImage(['x'], '127.0.0.1:1/no/image:9');
    expect(phasesOf(build).slice(2)).toEqual(['PROVISIONING FAILED', 'FINALIZING SUCCEEDED', 'COMPLETED']);
    const { statusCode, message } = failureOf(build)!.contexts![0]!;
    expect(statusCode).toBe('BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE');
    expect(message).toContain('127.0.0.1:1/no/image:9');
    expect((await world.inImage(['x'], '../containers/json?')).phases![2]!.contexts![0]!.message).toContain('invalid reference');
  });

  it('pulls images with the login of the server’s user, and tells how it goes', async () => {
    const registry = await startRegistry(shellLayer(), { username: 'me', password: 'secret:word' });
    const image = `${registry.host}/private/image:1`;
    expect((await world.inImage(['x'], image)).phases![2]!.contexts![0]!.statusCode).toBe('BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE');
    const auths = { [registry.host]: { auth: Buffer.from('me:secret:word').toString('base64') } };
    writeFileSync(join(world.home, 'config.json'), JSON.stringify({ auths }));
    const builds = await Promise.all([world.inImage(['echo pulled'], image), world.inImage(['echo pulled'], image)]);
    for (const build of builds) {
      const log = await world.log(build);
      expect(outputOf(log)).toBe('pulled\n');
      expect(log).not.toContain('secret');
    }
    // The second may have come when the image was there.
    expect((await world.log(builds[0])) + (await world.log(builds[1]))).toContain(`Pulling image ${image}`);
    await registry.close();
  });

  it('pulls images with the credential of the project, a secret', async () => {
    const registry = await startRegistry(shellLayer(), { username: 'project', password: 'a "word"' });
    const image = `${registry.host}/private/image:1`;
    const aws = createClient({ endpoint: world.endpoint, region: 'us-east-1', credentials: world.credentials });
    const SecretString = JSON.stringify({ username: 'project', password: 'a "word"' });
    const { ARN = '' } = await aws.secretsmanager.createSecret({ Name: 'registry', SecretString });
    aws.close();
    const using = (credential: string) =>
      world.inImage(['echo pulled'], image, { registryCredential: { credential, credentialProvider: 'SECRETS_MANAGER' } });
    expect((await using('absent')).phases![2]!.contexts![0]).toMatchObject({ statusCode: 'Secrets Manager Error' });
    const build = await using(ARN);
    expect(outputOf(await world.log(build))).toBe('pulled\n');
    await registry.close();
  });

  it('uploads what was made inside', async () => {
    await world.s3.send(new CreateBucketCommand({ Bucket: 'made-inside' }));
    const spec = JSON.stringify({
      version: '0.2',
      phases: { build: { commands: ['mkdir out; echo content > out/file'] } },
      artifacts: { files: ['out/file'] },
    });
    const build = await world.run(
      spec,
      {},
      {
        environment: { type: 'LINUX_CONTAINER', image: BASH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL' },
        artifacts: { type: 'S3', location: 'made-inside', name: 'a' },
      },
    );
    expect(build.buildStatus).toBe('SUCCEEDED');
    const { Body } = await world.s3.send(new GetObjectCommand({ Bucket: 'made-inside', Key: 'a/out/file' }));
    expect(await Body!.transformToString()).toBe('content\n');
  });

  it('runs commands as the user that run-as names', async () => {
    const environment = { type: 'LINUX_CONTAINER', image: BASH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL' } as const;
    const text = JSON.stringify({
      version: '0.2',
      'run-as': 'build',
      phases: {
        install: { 'run-as': 'root', commands: ['id -un', 'X="a b"; echo mine > file; chmod 600 file', 'mkdir sub; cd sub'] },
        build: {
          commands: [
            'echo "$(id -un) $USER $HOME $X $(basename "$PWD")"',
            'cat ../file 2>/dev/null || echo "not mine"',
            'Y=late; exit 0',
            'echo $X',
          ],
        },
        post_build: { 'run-as': 'root', commands: ['echo "$(id -un) $HOME $X"', 'cat ../file'] },
      },
    });
    const build = await world.run(text, {}, { environment });
    expect(outputOf(await world.log(build))).toBe('root\nbuild build /tmp a b sub\nnot mine\na b\nroot /root a b\nmine\n');
    const nobody = await world.run(
      JSON.stringify({ version: '0.2', 'run-as': 'nobody-there', phases: { build: { commands: ['echo never'] } } }),
      {},
      { environment },
    );
    expect(failureOf(nobody)!.contexts![0]!.message).toBe('run-as: there is no user nobody-there');
  });

  it('puts no value of a variable where the engine shows it', async () => {
    const id = await world.beginInImage(['echo up; sleep 300'], BASH_IMAGE, {
      environmentVariablesOverride: [{ name: 'TOKEN', value: 'very-secret-value' }],
    });
    await world.says(id, 'up\n');
    const { client } = engine;
    await client.negotiate();
    const inspected = await client.json<object>('GET', `/containers/pipewright-${id.split(':')[1]}/json`);
    expect(JSON.stringify(inspected)).toContain(id.split(':')[1]);
    expect(JSON.stringify(inspected)).not.toContain('very-secret-value');
    await world.codebuild.send(new StopBuildCommand({ id }));
    expect((await world.ended(id)).buildStatus).toBe('STOPPED');
    await world.emptied();
  });

  it('ends what ignores SIGTERM and what was put into the background', async () => {
    const id = await world.beginInImage([`trap '' TERM; (trap '' TERM; setsid sleep 300 &); echo up; while :; do sleep 1; done`]);
    await world.says(id, 'up\n');
    await world.codebuild.send(new StopBuildCommand({ id }));
    const build = await world.ended(id);
    expect(build.buildStatus).toBe('STOPPED');
    expect(failureOf(build)).toMatchObject({ phaseType: 'BUILD', phaseStatus: 'STOPPED' });
    await world.emptied();
  });

  it('holds a build to the memory of its compute type', async () => {
    const environment = { type: 'LINUX_LAMBDA_CONTAINER', computeType: 'BUILD_LAMBDA_1GB' };
    const build = await world.inImage(['dd if=/dev/zero of=/dev/null bs=1400M count=1', 'echo never'], BASH_IMAGE, environment);
    expect(build.buildStatus).toBe('FAILED');
    expect(failureOf(build)!.contexts![0]!.message).toContain('exit status 137');
  });

  it.runIf(existsSync('/usr/bin/docker'))('lets privileged builds use the engine', async () => {
    const build = await world.inImage(['docker ps --format "{{.Names}}"'], BASH_IMAGE, { privilegedMode: true });
    expect(outputOf(await world.log(build))).toContain(`pipewright-${build.id!.split(':')[1]}`);
    const other = await world.inImage(['docker ps'], BASH_IMAGE);
    expect(other.buildStatus).toBe('FAILED');
  });

  it('runs projects with the image host on the host', async () => {
    const build = await world.inImage(['echo "${OF_IMAGE:-host}"'], 'host');
    expect(outputOf(await world.log(build))).toBe('host\n');
    expect(await world.log(build)).not.toContain('No container engine');
  });

  it('runs many at a time', async () => {
    const builds = await Promise.all(Array.from({ length: 8 }, (_, i) => world.inImage([`echo build ${i}`])));
    for (const [i, build] of builds.entries()) expect(outputOf(await world.log(build))).toBe(`build ${i}\n`);
    await world.emptied();
  });
});
