import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { StopBuildCommand } from '@aws-sdk/client-codebuild';
import { build as buildProgram } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BuildServer, outputOf } from '../support/builds.ts';
import { pathWithout, waysToIsolate } from '../support/isolation.ts';
import { pidsWithArguments } from '../support/pids.ts';
import { workspaces } from '../support/workspaces.ts';

const folder = mkdtempSync(join(tmpdir(), 'isolation-'));
const PATH = process.env['PATH'] ?? '';
const ways = await waysToIsolate(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const spec = (...commands: readonly string[]): string => JSON.stringify({ version: '0.2', phases: { build: { commands } } });

describe.each(ways)('builds isolated by $name', ({ path, missing }) => {
  const skipped = missing !== undefined;
  const world = new BuildServer();
  const socket = join(folder, 'engine.sock');
  const engine = createServer((_request, response) => response.end('engine'));

  beforeAll(async () => {
    if (skipped) return;
    process.env['PATH'] = path;
    process.env['DOCKER_HOST'] = `unix://${socket}`;
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
    chmodSync(socket, 0o660);
    await world.start();
  });
  afterAll(async () => {
    process.env['PATH'] = PATH;
    delete process.env['DOCKER_HOST'];
    engine.close();
    if (!skipped) await world.end();
  });

  /** What the commands print, each in a line of its own. */
  async function lines(...commands: readonly string[]): Promise<readonly string[]> {
    const build = await world.run(spec(...commands));
    return outputOf(await world.log(build))
      .trimEnd()
      .split('\n');
  }

  it.skipIf(skipped)('see the system for reading, and nothing of the server or of anybody', async () => {
    writeFileSync(join(folder, 'of-somebody'), '');
    const seen = await lines(
      'id -u',
      'touch /etc/pipewright-was-here 2>&1 | grep -c -e "Read-only" -e "Permission denied"',
      `ls ${folder} 2>&1 | grep -c of-somebody || :`,
      `ls ${world.data}`,
      `ls ${world.data}/work/builds | wc -l`,
      `cat ${world.data}/root-key.json 2>/dev/null || echo "no key"`,
      'find /root /home -maxdepth 1 -not -type d | wc -l',
      'ls /proc | grep -c "^[0-9]"',
      'ls /run | wc -l',
    );
    const [uid, touched, somebody, ...rest] = seen;
    expect(Number(uid)).toBeGreaterThan(0);
    expect([touched, somebody]).toEqual(['1', '0']);
    expect(rest).toEqual(['work', '1', 'no key', '0', expect.stringMatching(/^\d$/), '0']);
    const log = await world.log(await world.run(spec('true')));
    expect(log).not.toContain('not isolated');
  });

  it.skipIf(skipped)('find what builds need: tools, names, certificates, the server, places to write to', async () => {
    const seen = await lines(
      'git --version | cut -d" " -f1',
      'node -p 1+1',
      'npm --version >/dev/null && echo npm',
      'git init -q && git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m x && git log --format=%s',
      'test -r /etc/resolv.conf && echo names',
      'test -r /etc/ssl/certs && echo certificates',
      `curl -s -o /dev/null -w "%{http_code}\\n" ${world.endpoint}/_pipewright/health`,
      'echo a > /tmp/a && cat "$TMPDIR/a" /var/tmp/a',
      'echo h > ~/h && cat "$HOME/h"',
      'getent passwd "$(id -u)" | cut -d: -f6 | grep -cx "$HOME"',
      'echo out | tee /dev/stderr',
      'for i in 1 2; do echo $i; done > /dev/null; echo shm > /dev/shm/x; cat /dev/shm/x',
    );
    expect(seen).toEqual('git,2,npm,x,names,certificates,200,a,a,h,1,out,out,shm'.split(','));
  });

  it.skipIf(skipped)('that run at once see neither the files nor the processes of each other', async () => {
    const waiting = await world.project(
      spec('echo secret > "$HOME/mine"; echo secret > /tmp/mine', 'while [ ! -f "$HOME/go" ]; do sleep 0.02; done'),
    );
    const { id } = await world.begin(waiting);
    await world.until(id!, (build) => build.currentPhase === 'BUILD');
    const other = workspaces(world.data).get(id!.split(':')[1]!)!;
    const seen = await lines(
      `ls ${other} 2>/dev/null || echo "no folder"`,
      'ls /tmp/mine 2>/dev/null || echo "no file"',
      'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " " | grep -c "[/]go" || :',
      'kill -9 -1 2>/dev/null; echo "killed what it may"',
    );
    expect(seen.slice(0, 3)).toEqual(['no folder', 'no file', '0']);
    expect((await world.get(id!)).currentPhase).toBe('BUILD');
    writeFileSync(join(other, 'home', 'go'), '');
    expect((await world.ended(id!)).buildStatus).toBe('SUCCEEDED');
  });

  it.skipIf(skipped)('are ended with all that daemonised, dropped its environment or ignores signals, and nobody else', async () => {
    const stranger = spawn('sleep', ['98765.1']);
    const escapes = [
      '(setsid sh -c \'trap "" TERM HUP INT; sleep 98765.4321\' >/dev/null 2>&1 &)',
      'env -i PATH="$PATH" setsid sh -c \'(sleep 98765.4321 &)\' >/dev/null 2>&1',
      'env -i PATH="$PATH" unshare -Urpf sleep 98765.4321 >/dev/null 2>&1 & sleep 0.1; trap \'\' TERM; echo up',
    ];
    const build = await world.run(spec(...escapes));
    expect(outputOf(await world.log(build))).toBe('up\n');
    expect(pidsWithArguments('98765.4321')).toEqual([]);
    const { id } = await world.begin(await world.project(spec(...escapes, 'sleep 98765.4321')));
    await world.until(id!, () => pidsWithArguments('98765.4321').length >= 3);
    await world.codebuild.send(new StopBuildCommand({ id }));
    expect((await world.ended(id!)).buildStatus).toBe('STOPPED');
    expect(pidsWithArguments('98765.4321')).toEqual([]);
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
  });

  it.skipIf(skipped)('leave nothing running where their runner is killed', async () => {
    const { id } = await world.begin(await world.project(spec('env -i setsid sleep 98765.1234 >/dev/null 2>&1 & sleep 98765.1234')));
    await world.until(id!, () => pidsWithArguments('98765.1234').length >= 2);
    process.kill(pidsWithArguments(join(world.data, 'work', 'runner.sock'))[0]!, 'SIGKILL');
    expect((await world.ended(id!)).buildStatus).toBe('FAULT');
    expect(pidsWithArguments('98765.1234')).toEqual([]);
    expect([...workspaces(world.data)]).toEqual([]);
  });

  it.skipIf(skipped)('are removed with the ten thousand files that they could not remove themselves', async () => {
    const build = await world.run(
      spec('mkdir -p a/b && (cd a/b && seq 10000 | xargs touch) && chmod 000 a/b a', 'ls a 2>/dev/null || echo "cannot be read"'),
    );
    expect(outputOf(await world.log(build))).toBe('cannot be read\n');
    // The build's end does not wait for it.
    await vi.waitFor(() => {
      expect([...workspaces(world.data)]).toEqual([]);
      const [folders, scratch] = ['builds', 'builds-scratch'].map((name) => readdirSync(join(world.data, 'work', name)));
      expect(scratch).toEqual(folders);
    }, 10_000);
  });

  it.skipIf(skipped)('hand over files of their own alone, whatever their links lead to', async () => {
    await world.s3.send(new CreateBucketCommand({ Bucket: 'isolation' }));
    const artifacts = { type: 'S3', location: 'isolation', name: 'out', packaging: 'NONE' } as const;
    const text = JSON.stringify({
      version: '0.2',
      phases: {
        build: {
          commands: [`ln -s ${world.data}/root-key.json key`, 'ln -s /etc/passwd users', 'ln -s / all', 'echo t > /tmp/t', 'echo s > s'],
        },
      },
      artifacts: { files: ['key', 'users', 'all/etc/*', 'all/etc/hostname', '/etc/hostname', '/tmp/t', 's'], 'discard-paths': 'yes' },
    });
    const build = await world.run(text, {}, { artifacts });
    expect(build.buildStatus).toBe('SUCCEEDED');
    const get = async (Key: string) => (await world.s3.send(new GetObjectCommand({ Bucket: 'isolation', Key }))).Body!.transformToString();
    expect([await get('out/t'), await get('out/s')]).toEqual(['t\n', 's\n']);
    for (const name of ['key', 'users', 'hostname', 'passwd'])
      await expect(get(`out/${name}`)).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await world.log(build)).toContain('/etc/hostname is outside');
  });

  it.skipIf(skipped)('reach the container engine with privilegedMode, and not without', async () => {
    const ask = 'curl -s --unix-socket /var/run/docker.sock http://engine/ || echo none';
    const environment = { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' } as const;
    const [without, privileged] = [
      await world.run(spec(ask), {}, { environment }),
      await world.run(spec(ask), {}, { environment: { ...environment, privilegedMode: true } }),
    ];
    expect(outputOf(await world.log(without))).toBe('none\n');
    expect(outputOf(await world.log(privileged)).trim()).toBe('engine');
  });
});

const asRoot = process.getuid?.() === 0;
if (!asRoot) console.warn('isolation by an unprivileged user: skipped: the tests above are that already');

/** An id that no table of users knows. */
const NOBODYS = 12345;

describe.runIf(asRoot).each(ways)('builds isolated by $name, of a server that is not root', ({ name, path, missing }) => {
  const place = join(folder, `unprivileged-${name}`);
  const program = join(place, 'program.mjs');

  beforeAll(async () => {
    await buildProgram({
      entryPoints: ['test/support/isolated-workload.ts'],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
    });
    for (const one of [folder, place]) chmodSync(one, 0o755);
    chownSync(place, NOBODYS, NOBODYS);
  });

  it.skipIf(missing !== undefined)('are their own user, without rights over what hides the rest, and are ended whole', (context) => {
    const script = [
      'id -u',
      `ls -A ${place}/data`,
      'touch /x ../x 2>&1 | wc -l',
      'touch x ~/x /tmp/x && echo written',
      `unshare -Urm sh -c 'umount /tmp || ls -A ${place}' 2>/dev/null | grep -c program.mjs`,
      'ls /proc | grep -c "^[0-9]"',
      'echo out | tee /dev/stderr',
      'env -i setsid sleep 98765.777 >/dev/null 2>&1 &',
    ].join('\n');
    const as = [`--reuid=${NOBODYS}`, `--regid=${NOBODYS}`, '--clear-groups', process.execPath];
    const output = execFileSync('setpriv', [...as, program, join(place, 'data'), path, script], { env: {}, cwd: '/' }).toString();
    const [first = '', ...lines] = output.trimEnd().split('\n');
    // Some systems let root alone make user namespaces.
    if (first.startsWith('missing')) {
      console.warn(`isolation by ${name}, not root: skipped: ${first}`);
      return context.skip(first);
    }
    expect([first, ...lines]).toEqual([
      `by ${name}`,
      String(NOBODYS),
      'builds',
      '2',
      'written',
      '0',
      expect.stringMatching(/^\d$/),
      'out',
      'out',
      'ended 0',
    ]);
    expect(pidsWithArguments('98765.777')).toEqual([]);
    expect(readdirSync(join(place, 'data', 'builds'))).toEqual([]);
  });
});

describe('where builds cannot be isolated', () => {
  const world = new BuildServer();
  const path = pathWithout(join(folder, 'without-nsenter'), 'nsenter');
  afterAll(() => {
    process.env['PATH'] = PATH;
    delete process.env['PIPEWRIGHT_BUILD_ISOLATION'];
    rmSync(world.data, { recursive: true, force: true });
  });

  async function ran(mode: string) {
    process.env['PATH'] = path;
    process.env['PIPEWRIGHT_BUILD_ISOLATION'] = mode;
    await world.start();
    const build = await world.run(spec('echo ran'));
    const log = await world.log(build);
    await world.stop();
    return { build, first: log.split('\n')[0], output: outputOf(log) };
  }

  it('they run, and the first line of their log says so and why', async () => {
    const { first, output } = await ran('auto');
    expect(output).toBe('ran\n');
    expect(first).toMatch(/This build is not isolated \(.*no nsenter in PATH.*\)/);
    expect((await ran('off')).first).toMatch(/This build is not isolated \(--build-isolation off\)/);
  });

  it('they fail where isolation is required', async () => {
    const { build, output } = await ran('required');
    expect([build.buildStatus, output.trim()]).toEqual(['FAILED', '']);
    const { phaseType, contexts } = build.phases!.at(-3)!;
    expect(phaseType).toBe('PROVISIONING');
    expect(contexts![0]).toMatchObject({
      statusCode: 'CLIENT_ERROR',
      message: expect.stringContaining('--build-isolation required') as string,
    });
    expect(existsSync(join(world.data, 'work', 'builds'))).toBe(true);
  });
});
