import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListPipelinesCommand } from '@aws-sdk/client-codepipeline';
import { ListRepositoriesCommand, PutFileCommand } from '@aws-sdk/client-codecommit';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { Clients } from '../support/clients.ts';
import { createLine, Line } from '../support/line.ts';
import { pipewright, StartedServer, type StartOptions } from '../support/server.ts';

let started: StartedServer[];
beforeEach(() => void (started = []));
afterEach(() => Promise.all(started.map((server) => server.end())));

const start = async (...args: string[]): Promise<StartedServer> => {
  const server = await StartedServer.start({ args } satisfies StartOptions);
  started.push(server);
  return server;
};

const BUILD = 'version: 0.2\nphases: {build: {commands: [echo built]}}\n';

describe('pipewright up', () => {
  it('holds its folder: another server is refused, told who has it, and exits with 1', async () => {
    const server = await start();
    const second = await pipewright(['up', '--port', '0', '--data', server.data]);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain(`${server.data} is in use by process ${server.pid} at ${server.endpoint}`);
    await server.stop();
    await server.restart();
  });

  it('keeps its root key to itself, and `env` prints it with the address, for a shell', async () => {
    const server = await start('--region', 'eu-west-1');
    expect(statSync(join(server.data, 'root-key.json')).mode & 0o777).toBe(0o600);
    const { code, stdout, stderr } = await pipewright(['env', '--data', server.data, '--region', 'eu-west-1']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const printed = execFileSync('sh', ['-c', `${stdout}\nenv | grep ^AWS_ | sort`], { env: { PATH: process.env['PATH']! } });
    expect(printed.toString().trim().split('\n')).toEqual([
      `AWS_ACCESS_KEY_ID=${server.key.accessKeyId}`,
      'AWS_DEFAULT_REGION=eu-west-1',
      `AWS_ENDPOINT_URL=${server.endpoint}`,
      'AWS_REGION=eu-west-1',
      `AWS_SECRET_ACCESS_KEY=${server.key.secretAccessKey}`,
    ]);
    const elsewhere = await pipewright(['env', '--data', join(server.data, 'absent')]);
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.stderr).toContain('There is no root key');
  });

  it('lets a request under way end at SIGTERM, and exits with 0', async () => {
    const server = await start('--auth', 'off');
    const aws = new Clients(server);
    await aws.s3.send(new CreateBucketCommand({ Bucket: 'drained' }));
    const headers = { 'content-length': 10, expect: '100-continue' };
    const upload = request(`${server.endpoint}/drained/key`, { method: 'PUT', headers });
    const answered = new Promise<IncomingMessage>((resolve, reject) => void upload.once('response', resolve).once('error', reject));
    await new Promise((resolve) => upload.once('continue', resolve));
    upload.write('first');
    const stopped = server.stop();
    upload.end('later');
    const answer = await answered;
    answer.resume();
    expect(answer.statusCode).toBe(200);
    expect(await stopped).toEqual({ code: 0, signal: null });
    await server.restart();
    const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: 'drained', Key: 'key' }));
    expect(await Body!.transformToString()).toBe('firstlater');
    aws.close();
  });

  it('answers unsigned requests with --auth off, which works on loopback only', async () => {
    const open = await start('--auth', 'off');
    const form = { method: 'POST', body: 'Action=GetCallerIdentity&Version=2011-06-15' };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const unsigned = await fetch(open.endpoint, { ...form, headers });
    expect(unsigned.status).toBe(200);
    expect(await unsigned.text()).toContain('<Arn>arn:aws:iam::000000000000:root</Arn>');
    const anybody = new Clients({ endpoint: open.endpoint, key: { accessKeyId: 'test', secretAccessKey: 'test' } });
    expect((await anybody.sts.send(new GetCallerIdentityCommand({}))).Account).toBe('000000000000');
    anybody.close();
    const exposed = await pipewright(['up', '--port', '0', '--host', '0.0.0.0', '--auth', 'off', '--data', join(open.data, 'other')]);
    expect(exposed).toMatchObject({ code: 2, stdout: '' });
    expect(exposed.stderr).toContain('loopback only');
    const closed = await start();
    expect((await fetch(closed.endpoint, { ...form, headers })).status).toBe(403);
  });

  it('says what is wrong with its flags, with exit code 2', async () => {
    for (const args of [['--port', 'x'], ['--port', '70000'], ['--account', '12'], ['--auth', 'none'], ['--no-such-flag']]) {
      const { code, stderr } = await pipewright(['up', '--data', '/nonexistent/data', ...args]);
      expect({ args, code }).toEqual({ args, code: 2 });
      expect(stderr).toContain(args[0]!.slice(0, 4));
      expect(stderr).not.toMatch(/\n\s+at /);
    }
  });
});

describe('reset', () => {
  it('is not there without --allow-reset', async () => {
    const server = await start();
    const client = createClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: server.key });
    const answer = await client.fetch({ service: 'pipewright', method: 'POST', path: '/_pipewright/reset' });
    expect(answer.status).toBe(404);
    client.close();
  });

  it('empties everything, keeps the key, and the server works on', async () => {
    const server = await start('--allow-reset');
    const aws = new Clients(server);
    const client = createClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: server.key });
    const line = new Line(server, aws, 'line');
    const file = { repositoryName: 'line', branchName: 'main', filePath: 'a', fileContent: Buffer.from('a') };
    for (let round = 0; round < 2; round++) {
      await createLine(aws, { name: 'line', buildspec: BUILD });
      const { commitId } = await aws.codecommit.send(new PutFileCommand(file));
      expect(await line.end(await line.execution(commitId!))).toBe('Succeeded');
      const unsigned = await fetch(`${server.endpoint}/_pipewright/reset`, { method: 'POST' });
      expect([400, 403]).toContain(unsigned.status);
      const answer = await client.fetch({ service: 'pipewright', method: 'POST', path: '/_pipewright/reset' });
      expect(answer.status).toBe(200);
      expect((await aws.s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
      expect((await aws.codecommit.send(new ListRepositoriesCommand({}))).repositories).toEqual([]);
      expect((await aws.codepipeline.send(new ListPipelinesCommand({}))).pipelines).toEqual([]);
    }
    client.close();
    aws.close();
  });
});
