import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCli } from '../support/aws-cli.ts';
import { StartedServer } from '../support/server.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/custom-worker');
const run = promisify(execFile);
const installed = spawnSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' }).status === 0;
if (!installed)
  process.stdout.write('examples/custom-worker is not tried: python3 has no boto3 here (Debian: apt-get install python3-boto3)\n');

describe.runIf(installed)('examples/custom-worker', () => {
  let server: StartedServer;
  let folder: string;
  beforeAll(async () => {
    server = await StartedServer.start();
    folder = mkdtempSync(join(tmpdir(), 'custom-worker-'));
  });
  afterAll(async () => {
    await server.end();
    rmSync(folder, { recursive: true });
  });

  const aws = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await awsCli('v2', args, { endpoint: server.endpoint, key: server.key, cwd: EXAMPLE });
    if (code !== 0) throw new Error(`aws ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const python = (...args: string[]) =>
    run('python3', args, {
      cwd: EXAMPLE,
      env: { PATH: process.env['PATH']!, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...server.env },
    });

  it('works as its README says', async () => {
    const zip = join(folder, 'text.zip');
    await aws('iam', 'create-role', '--role-name', 'words', '--assume-role-policy-document', '{"Version":"2012-10-17","Statement":[]}');
    await aws('s3api', 'create-bucket', '--bucket', 'words-artifacts');
    await aws('s3api', 'put-bucket-versioning', '--bucket', 'words-artifacts', '--versioning-configuration', 'Status=Enabled');
    await aws('codepipeline', 'create-custom-action-type', '--cli-input-json', 'file://action-type.json');
    await python('-m', 'zipfile', '-c', zip, 'README.md');
    await aws('s3', 'cp', zip, 's3://words-artifacts/text.zip');
    await aws('codepipeline', 'create-pipeline', '--cli-input-json', 'file://pipeline.json');
    const { stdout } = await python('worker.py', '--once');
    expect(stdout).toMatch(/^[0-9a-f-]{36}: \d+ words in 1 files\n$/);
    const words = /: (\d+) words/.exec(stdout)![1];
    const ended = await server.until('the end of the execution', async () => {
      const listed = await aws('codepipeline', 'list-action-executions', '--pipeline-name', 'words', '--output', 'json');
      const details = (JSON.parse(listed) as { actionExecutionDetails: { actionName: string; status: string; output: object }[] })
        .actionExecutionDetails;
      return details.find(({ actionName, status }) => actionName === 'Words' && status !== 'InProgress');
    });
    expect(ended).toMatchObject({
      status: 'Succeeded',
      output: { outputVariables: { Words: words }, executionResult: { externalExecutionSummary: `${words} words in 1 files` } },
    });
  }, 120_000);
});
