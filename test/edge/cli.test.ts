import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyGitPassword } from '../../src/protocol/sigv4/git-password.ts';
import { awsCli } from '../support/aws-cli.ts';
import type { CliOptions, CliVersion } from '../support/aws-cli.ts';
import { ACCOUNT, KEY, SESSION_KEY, startEdge } from '../support/edge.ts';
import type { Edge } from '../support/edge.ts';

let edge: Edge;
let folder: string;
beforeAll(async () => {
  edge = await startEdge();
  folder = await mkdtemp(join(tmpdir(), 'edge-cli-'));
});
afterAll(async () => {
  await edge.close();
  await rm(folder, { recursive: true });
});

describe.each(['v1', 'v2'] as const satisfies CliVersion[])('AWS CLI %s', (version) => {
  const run = async (args: string, options: Partial<CliOptions> = {}) => {
    const result = await awsCli(version, args.split(' '), { endpoint: edge.endpoint, key: KEY, cwd: folder, ...options });
    return { ...result, json: () => JSON.parse(result.stdout) as Record<string, never> };
  };

  it('calls json and query services', async () => {
    const created = await run('codecommit create-repository --repository-name demo', { region: 'eu-west-1' });
    expect(created.stderr).toBe('');
    expect(created.json()).toMatchObject({ repositoryMetadata: { Arn: `arn:aws:codecommit:eu-west-1:${ACCOUNT}:demo` } });
    const identity = await run('sts get-caller-identity', { key: SESSION_KEY });
    expect(identity.json()).toMatchObject({ Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Build/s` });
    const attributes = await run(`sns get-topic-attributes --topic-arn arn:aws:sns:us-east-1:${ACCOUNT}:t`);
    expect(attributes.json()).toMatchObject({ Attributes: { DisplayName: 'x' } });
  });

  it('shows errors', async () => {
    const missing = await run('codepipeline get-pipeline --name nope');
    expect(missing.stderr).toContain(
      `An error occurred (PipelineNotFoundException) when calling the GetPipeline operation: Account '${ACCOUNT}' does not have a pipeline with name 'nope'`,
    );
    const user = await run('iam get-user --user-name x');
    expect(user.stderr).toContain('(NoSuchEntity) when calling the GetUser operation: The user with name x cannot be found.');
    const absent = await run('codecommit list-branches --repository-name demo');
    expect(absent.stderr).toContain('(NotImplementedException)');
    const wrong = await run('sts get-caller-identity', { key: { ...KEY, secretAccessKey: 'wrong' } });
    expect(wrong.stderr).toContain('(SignatureDoesNotMatch)');
  });

  it('copies, lists, presigns and removes objects', async () => {
    const content = 'line\n'.repeat(50_000);
    await writeFile(join(folder, 'up'), content);
    const up = await awsCli(version, ['s3', 'cp', 'up', 's3://bkt/d/a b ü'], { endpoint: edge.endpoint, key: KEY, cwd: folder });
    expect(up.stderr).toBe('');
    const down = await awsCli(version, ['s3', 'cp', 's3://bkt/d/a b ü', 'down'], { endpoint: edge.endpoint, key: KEY, cwd: folder });
    expect(down.stderr).toBe('');
    expect(await readFile(join(folder, 'down'), 'utf8')).toBe(content);
    const listed = await run('s3 ls s3://bkt/ --recursive', { env: { PYTHONIOENCODING: 'utf-8', PYTHONUTF8: '1', LANG: 'C.UTF-8' } });
    expect(listed.stdout).toContain('250000 d/a b ü');
    for (const key of [KEY, SESSION_KEY]) {
      const signed = await awsCli(version, ['s3', 'presign', 's3://bkt/d/a b ü'], { endpoint: edge.endpoint, key, cwd: folder });
      const response = await fetch(signed.stdout.trim());
      expect(await response.text()).toBe(content);
      const forged = await fetch(signed.stdout.trim().replace('Expires=', 'Expires=1'));
      expect(forged.status).toBe(403);
    }
    const gone = await run('s3api head-object --bucket bkt --key nope');
    expect(gone.stderr).toContain('(404)');
  });

  it('makes git passwords that verify', async () => {
    const host = `127.0.0.1:${edge.port}`;
    const stdin = `protocol=http\nhost=${host}\npath=v1/repos/demo\n`;
    const { stdout } = await run('codecommit credential-helper --ignore-host-check get', { stdin, key: SESSION_KEY, region: 'eu-west-1' });
    const [, username, password] = /^username=(.+)\npassword=(.+)$/m.exec(stdout.replaceAll('\r', ''))!;
    const credentials = {
      find: async (id: string) => (id === SESSION_KEY.accessKeyId ? { ...SESSION_KEY, principal: {} as never } : undefined),
    };
    const login = { username: username!, password: password!, paths: ['/v1/repos/demo'], host, regions: ['us-east-1', 'eu-west-1'] };
    const now = Date.now();
    expect(await verifyGitPassword(login, credentials, now)).toMatchObject({ accessKeyId: SESSION_KEY.accessKeyId });
    expect(await verifyGitPassword({ ...login, paths: ['/v1/repos/other'] }, credentials, now)).toBeUndefined();
    expect(await verifyGitPassword({ ...login, username: SESSION_KEY.accessKeyId }, credentials, now)).toBeUndefined();
    expect(await verifyGitPassword({ ...login, regions: ['us-east-1'] }, credentials, now)).toBeUndefined();
    expect(await verifyGitPassword(login, credentials, now + 16 * 60_000)).toBeUndefined();
  });
});
