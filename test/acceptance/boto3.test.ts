import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartedServer } from '../support/server.ts';

const run = promisify(execFile);
const installed = spawnSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' }).status === 0;
if (!installed) process.stdout.write('boto3 is not tried: python3 has no boto3 here (Debian: apt-get install python3-boto3)\n');

describe.runIf(installed)('boto3', () => {
  let server: StartedServer;
  beforeAll(async () => {
    server = await StartedServer.start();
  });
  afterAll(() => server.end());

  it('works with every service of the main job', async () => {
    const env = { PATH: process.env['PATH']!, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...server.env };
    const { stdout } = await run('python3', [join(import.meta.dirname, 'with_boto3.py')], { env });
    expect(JSON.parse(stdout)).toEqual({
      identity: 'arn:aws:iam::000000000000:root',
      keys: ['key 0', 'key 1', 'key 2', 'key 3', 'key 4'],
      body: 'body 3',
      metadata: { number: '3' },
      file: 'text',
      'same commit': true,
      build: 'SUCCEEDED',
      printed: ['hello from boto3'],
      parameters: ['value 0', 'value 1', 'value 2'],
      'no parameter': true,
      secret: 'text',
      'former secret': '\0bytes',
      'no secret': "Secrets Manager can't find the specified secret.",
      error: 'PipelineNotFoundException',
    });
  });
});
