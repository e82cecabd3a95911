import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PipewrightError } from '../kernel/errors.ts';
import { OPTIONS, type Option, type Settings } from '../kernel/options.ts';
import { run } from './program.ts';
import type { CliTools, RunningServer } from './tools.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'program-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const COMMANDS = [
  'up',
  'env',
  'watch',
  'approve',
  'start',
  'stop',
  'logs',
  'reports',
  'lint',
  'quickstart',
  'git-credential',
  'why',
  'replay',
  'rerun',
  'timing',
  'figures',
];

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Start = (settings: Settings) => Promise<RunningServer>;

const noServer: Start = () => Promise.reject(new Error('no server is wanted here'));

async function say(args: readonly string[], env: CliTools['env'] = {}, startServer: Start = noServer): Promise<Said> {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const streams = { stdout, stderr, stdin } as unknown as Pick<CliTools, 'stdout' | 'stderr' | 'stdin'>;
  const never = () => new Promise<void>(() => {});
  const localBuild: CliTools['localBuild'] = () => Promise.reject(new Error('no build is wanted here'));
  const fleetRunner: CliTools['fleetRunner'] = () => Promise.reject(new Error('no runner is wanted here'));
  const parts = { startServer, localBuild, fleetRunner, dataPath: (path: string) => join(folder, path), interrupted: never };
  const tools: CliTools = { ...parts, self: 'pipewright', env, ...streams };
  const code = await run(args, tools, {
    version: '1.2.3',
    catalogue: async () => ({ actions: { find: () => undefined }, rules: { find: () => undefined } }),
    example: folder,
  });
  const text = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** The settings that `up` starts a server with. */
async function settings(args: readonly string[] = [], env: CliTools['env'] = {}): Promise<Settings> {
  let seen: Settings | undefined;
  await say(['up', ...args], env, (given) => {
    seen = given;
    return Promise.reject(new Error('seen'));
  });
  return seen!;
}

describe('the command line', () => {
  it('says its version', async () => {
    expect(await say(['--version'])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
  });

  it.each(COMMANDS)('explains %s, with an example', async (name) => {
    const { code, stdout } = await say([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Examples?:\n {2}\$ /m);
  });

  it('lists every command', async () => {
    const { stdout } = await say(['--help']);
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  });

  it.each([
    { args: ['wathc'], hint: 'Did you mean watch?' },
    { args: ['up', '--prot', '1'], hint: 'Did you mean --port?' },
    { args: ['up', '--port', '70000'], hint: '--port takes a number from 0 to 65535' },
    { args: ['up', '--port', '4x'], hint: '--port takes a number from 0 to 65535' },
    { args: ['up', '--auth', 'maybe'], hint: 'Allowed choices are sigv4, off' },
    { args: ['watch'], hint: "missing required argument 'pipeline'" },
    { args: ['start', 'p', '--variable', 'novalue'], hint: '--variable takes NAME=VALUE' },
    { args: ['lint'], hint: "missing required argument 'files'" },
  ])('is used wrongly with $args: exit code 2', async ({ args, hint }) => {
    const { code, stderr } = await say(args);
    expect(code).toBe(2);
    expect(stderr).toContain(hint);
  });
});

describe('up', () => {
  it('takes the table’s defaults', async () => {
    const defaults = Object.fromEntries(Object.entries(OPTIONS).map(([key, option]) => [key, option.default]));
    expect(await settings()).toEqual(defaults);
  });

  it('takes every option of the table as a flag', async () => {
    const text: Readonly<Record<string, string>> = { account: '1'.repeat(12) };
    const valueOf = (key: string, option: Option): string | number | boolean => {
      if (option.kind === 'boolean') return true;
      if (option.kind === 'number') return 7;
      return option.choices?.at(-1) ?? text[key] ?? `of-${key}`;
    };
    const taken = Object.fromEntries(Object.entries<Option>(OPTIONS).map(([key, option]) => [key, valueOf(key, option)]));
    const flags = Object.entries<Option>(OPTIONS).flatMap(([key, { flag, kind }]) =>
      kind === 'boolean' ? [flag] : [flag, String(taken[key])],
    );
    expect(await settings(flags)).toEqual(taken);
  });

  it.each([
    ['1', true],
    ['true', true],
    ['YES', true],
    ['0', false],
    ['false', false],
    ['', false],
  ])('takes PIPEWRIGHT_ALLOW_RESET=%s for %s', async (value, allowed) => {
    expect((await settings([], { PIPEWRIGHT_ALLOW_RESET: value })).allowReset).toBe(allowed);
  });

  it.each([
    { code: 'UnsafeSettings', exit: 2 },
    { code: 'InvalidSettings', exit: 2 },
    { code: 'DataFolderHeld', exit: 1 },
    { code: 'DataTooNew', exit: 1 },
  ])('ends with $exit and a sentence where the server refuses with $code', async ({ code, exit }) => {
    const { stderr, ...rest } = await say(['up'], {}, () => Promise.reject(new PipewrightError(code, 'it will not do')));
    expect(rest).toEqual({ code: exit, stdout: '' });
    expect(stderr).toContain('it will not do');
    expect(stderr).not.toContain('    at ');
  });

  it('says what to do where another program has the port', async () => {
    const taken = Object.assign(new Error('listen EADDRINUSE: address already in use 127.0.0.1:4566'), { code: 'EADDRINUSE' });
    expect((await say(['up'], {}, () => Promise.reject(taken))).stderr).toContain('choose one with --port');
  });

  it('names a file that is in the way once', async () => {
    const error = Object.assign(new Error("ENOTDIR: not a directory, mkdir '/dev/null/x'"), {
      code: 'ENOTDIR',
      syscall: 'mkdir',
      path: '/dev/null/x',
    });
    const { stderr } = await say(['up'], {}, () => Promise.reject(error));
    expect(stderr).toBe("ENOTDIR: not a directory, mkdir '/dev/null/x'\n");
  });

  it('adds the stack under PIPEWRIGHT_DEBUG', async () => {
    const { stderr } = await say(['up'], { PIPEWRIGHT_DEBUG: '1' });
    expect(stderr).toMatch(/^no server is wanted here\n[^]* {4}at /);
  });
});

describe('env', () => {
  const key = { accessKeyId: 'AKIA', secretAccessKey: 'it"s $secret' };

  it('says how to get a key where there is none', async () => {
    expect(await say(['env', '--data', 'no where'])).toMatchObject({ code: 1, stderr: expect.stringContaining("up --data 'no where'") });
  });

  it('prints the address of the server that runs, for a shell', async () => {
    writeFileSync(join(folder, 'root-key.json'), JSON.stringify(key));
    writeFileSync(join(folder, 'holder.json'), JSON.stringify({ pid: 1, url: 'http://127.0.0.1:9' }));
    expect(await say(['env', '--data', '.', '--region', 'eu-west-1'])).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'export AWS_ENDPOINT_URL=http://127.0.0.1:9',
        'export AWS_ACCESS_KEY_ID=AKIA',
        `export AWS_SECRET_ACCESS_KEY='it"s $secret'`,
        'export AWS_REGION=eu-west-1',
        'export AWS_DEFAULT_REGION=eu-west-1\n',
      ].join('\n'),
    });
  });

  it('says so where none runs, and prints where one would', async () => {
    writeFileSync(join(folder, 'root-key.json'), JSON.stringify(key));
    const { code, stdout, stderr } = await say(['env', '--data', '.', '--port', '0']);
    expect(code).toBe(0);
    expect(stdout).toContain('AWS_ENDPOINT_URL=http://127.0.0.1:4566\n');
    expect(stderr).toContain('No server holds');
  });

  it('is not upset by files that are broken', async () => {
    writeFileSync(join(folder, 'root-key.json'), '{"accessKeyId":');
    expect((await say(['env', '--data', '.'])).code).toBe(1);
  });
});
