import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchGetBuildsCommand, CreateProjectCommand } from '@aws-sdk/client-codebuild';
import { CreatePipelineCommand, ListActionExecutionsCommand, type ActionDeclaration } from '@aws-sdk/client-codepipeline';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCli } from '../support/aws-cli.ts';
import { Clients } from '../support/clients.ts';
import { StartedServer } from '../support/server.ts';

let server: StartedServer;
let folder: string;
beforeAll(async () => {
  server = await StartedServer.start();
  folder = mkdtempSync(join(tmpdir(), 'secrets-cli-'));
});
afterAll(async () => {
  await server.end();
  rmSync(folder, { recursive: true });
});

const raw = (...args: string[]) => awsCli('v2', args, { endpoint: server.endpoint, key: server.key, cwd: folder });

/** What the CLI prints; a complaint fails the test. */
async function json(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await raw(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout === '' ? undefined : (JSON.parse(stdout) as unknown);
}

const refusal = async (...args: string[]): Promise<string> => (await raw(...args)).stderr.trim().replace(/^aws: \[ERROR\]: /, '');

const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown;

// Both at once: most of the time is the CLI's start-up.
describe.concurrent('AWS CLI', { timeout: 240_000 }, () => {
  it('keeps parameters', async ({ expect }) => {
    const name = (path: string) => `/cli/${path}`;
    const put = (path: string, value: string, ...more: string[]) =>
      json('ssm', 'put-parameter', '--name', name(path), '--value', value, ...more);
    expect(await put('host', 'db.example', '--type', 'String', '--tags', 'Key=team,Value=red')).toEqual({ Version: 1, Tier: 'Standard' });
    await put('deep/password', 'hunter22', '--type', 'SecureString');
    await put('host', 'db2.example', '--overwrite');
    const got = (await json('ssm', 'get-parameter', '--name', `${name('host')}:1`)) as { Parameter: object };
    expect(got.Parameter).toEqual({
      Name: name('host'),
      Type: 'String',
      Value: 'db.example',
      Version: 1,
      Selector: ':1',
      LastModifiedDate: DATE,
      ARN: `arn:aws:ssm:us-east-1:000000000000:parameter${name('host')}`,
      DataType: 'text',
    });
    const byPath = ['ssm', 'get-parameters-by-path', '--path', '/cli', '--recursive', '--query', 'Parameters[].Value'];
    const [sealed] = (await json(...byPath)) as string[];
    expect(sealed).not.toContain('hunter22');
    expect(await json(...byPath, '--with-decryption', '--page-size', '1')).toEqual(['hunter22', 'db2.example']);
    expect(await json('ssm', 'get-parameters', '--names', name('host'), name('absent'), '--query', 'InvalidParameters')).toEqual([
      name('absent'),
    ]);
    const filter = `Key=tag:team,Values=red Key=Name,Option=BeginsWith,Values=/cli/`.split(' ');
    expect(await json('ssm', 'describe-parameters', '--parameter-filters', ...filter, '--query', 'Parameters[].[Name,Version]')).toEqual([
      [name('host'), 2],
    ]);
    await json('ssm', 'label-parameter-version', '--name', name('host'), '--labels', 'prod');
    expect(await json('ssm', 'get-parameter-history', '--name', name('host'), '--query', 'Parameters[].Labels')).toEqual([[], ['prod']]);
    expect(await refusal('ssm', 'get-parameter', '--name', '/aws/service/ami-amazon-linux-latest/al2023')).toMatch(
      /^An error occurred \(ParameterNotFound\) when calling the GetParameter operation:/,
    );
    expect(await refusal('ssm', 'put-parameter', '--name', name('host'), '--value', 'x', '--type', 'String')).toBe(
      'An error occurred (ParameterAlreadyExists) when calling the PutParameter operation: The parameter already exists. To overwrite ' +
        'this value, set the overwrite option in the request to true.',
    );
    expect(await refusal('ssm', 'send-command', '--document-name', 'AWS-RunShellScript', '--instance-ids', 'i-12345678')).toContain(
      'does not implement ssm:SendCommand yet',
    );
    expect(await json('ssm', 'delete-parameters', '--names', name('host'), name('absent'))).toEqual({
      DeletedParameters: [name('host')],
      InvalidParameters: [name('absent')],
    });
  });

  it('keeps secrets', async ({ expect }) => {
    const id = 'cli/db';
    const manager = (...args: string[]) => json('secretsmanager', ...args);
    const created = (await manager('create-secret', '--name', id, '--secret-string', '{"password":"one"}')) as { ARN: string };
    await manager('put-secret-value', '--secret-id', created.ARN, '--secret-string', '{"password":"two"}');
    const value = (...more: string[]) => manager('get-secret-value', '--secret-id', id, '--query', 'SecretString', ...more);
    expect(await value()).toBe('{"password":"two"}');
    expect(await value('--version-stage', 'AWSPREVIOUS')).toBe('{"password":"one"}');
    const bytes = join(folder, 'bytes');
    writeFileSync(bytes, Buffer.from([0, 1, 255]));
    await manager('update-secret', '--secret-id', id, '--description', 'bytes now', '--secret-binary', `fileb://${bytes}`);
    expect(await manager('get-secret-value', '--secret-id', id, '--query', 'SecretBinary')).toBe('AAH/');
    expect(await manager('list-secrets', '--filters', 'Key=name,Values=cli/', '--query', 'SecretList[].[Name,Description]')).toEqual([
      [id, 'bytes now'],
    ]);
    await manager('tag-resource', '--secret-id', id, '--tags', 'Key=team,Value=red');
    expect(await manager('describe-secret', '--secret-id', id, '--query', 'Tags')).toEqual([{ Key: 'team', Value: 'red' }]);
    expect(await manager('get-random-password', '--password-length', '20', '--query', 'length(RandomPassword)')).toBe(20);
    expect(await manager('batch-get-secret-value', '--secret-id-list', id, 'absent', '--query', 'Errors[].ErrorCode')).toEqual([
      'ResourceNotFoundException',
    ]);
    await manager('delete-secret', '--secret-id', id, '--recovery-window-in-days', '7');
    expect(await refusal('secretsmanager', 'get-secret-value', '--secret-id', id)).toBe(
      "An error occurred (InvalidRequestException) when calling the GetSecretValue operation: You can't perform this operation on the " +
        'secret because it was marked for deletion.',
    );
    await manager('restore-secret', '--secret-id', id);
    await manager('delete-secret', '--secret-id', id, '--force-delete-without-recovery');
    expect(await refusal('secretsmanager', 'get-secret-value', '--secret-id', id)).toBe(
      "An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: Secrets Manager can't find the specified secret.",
    );
    expect(
      await refusal('secretsmanager', 'replicate-secret-to-regions', '--secret-id', id, '--add-replica-regions', 'Region=eu-west-1'),
    ).toContain('does not implement');
  });
});

it('variables of a pipeline’s builds and commands come from the stores, and stay there', async () => {
  await json('ssm', 'put-parameter', '--name', '/pipeline/token', '--value', 'tok_of_the_pipeline', '--type', 'SecureString');
  await json('secretsmanager', 'create-secret', '--name', 'pipeline', '--secret-string', '{"password":"pass_of_the_pipeline"}');
  const aws = new Clients(server);
  try {
    await aws.s3.send(new CreateBucketCommand({ Bucket: 'pipeline-secrets' }));
    await aws.s3.send(new PutBucketVersioningCommand({ Bucket: 'pipeline-secrets', VersioningConfiguration: { Status: 'Enabled' } }));
    await aws.s3.send(
      new PutObjectCommand({
        Bucket: 'pipeline-secrets',
        Key: 'source.zip',
        Body: Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64'),
      }),
    );
    const buildspec =
      'version: 0.2\nenv:\n  exported-variables: [LENGTHS, PASS]\nphases:\n  build:\n    commands:\n      - LENGTHS="${#TOKEN} ${#PASS}"\n      - echo "$TOKEN and $PASS"\n';
    await aws.codebuild.send(
      new CreateProjectCommand({
        name: 'secrets',
        source: { type: 'CODEPIPELINE', buildspec },
        artifacts: { type: 'CODEPIPELINE' },
        environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
        serviceRole: 'arn:aws:iam::000000000000:role/builds',
      }),
    );
    const type = (category: string, provider: string) =>
      ({ category, owner: 'AWS', provider, version: '1' }) as ActionDeclaration['actionTypeId'];
    const EnvironmentVariables = JSON.stringify([
      { name: 'TOKEN', value: '/pipeline/token', type: 'PARAMETER_STORE' },
      { name: 'PASS', value: 'pipeline:password', type: 'SECRETS_MANAGER' },
    ]);
    const source = { S3Bucket: 'pipeline-secrets', S3ObjectKey: 'source.zip' };
    const stages = [
      {
        name: 'Source',
        actions: [{ name: 'Get', actionTypeId: type('Source', 'S3'), configuration: source, outputArtifacts: [{ name: 'In' }] }],
      },
      {
        name: 'Build',
        actions: [
          {
            name: 'Use',
            actionTypeId: type('Build', 'CodeBuild'),
            inputArtifacts: [{ name: 'In' }],
            configuration: { ProjectName: 'secrets', EnvironmentVariables },
          },
          {
            name: 'Say',
            actionTypeId: type('Compute', 'Commands'),
            inputArtifacts: [{ name: 'In' }],
            commands: ['LENGTHS="${#PASS}"', 'echo "$PASS and $PLAIN"'],
            outputVariables: ['LENGTHS'],
            environmentVariables: [
              { name: 'PASS', value: 'pipeline:password', type: 'SECRETS_MANAGER' as const },
              { name: 'PLAIN', value: 'plain' },
            ],
          },
        ],
      },
    ];
    const roleArn = 'arn:aws:iam::000000000000:role/pipeline';
    const artifactStore = { type: 'S3', location: 'pipeline-secrets' } as const;
    await aws.codepipeline.send(
      new CreatePipelineCommand({ pipeline: { name: 'secrets', pipelineType: 'V2', roleArn, artifactStore, stages } }),
    );
    for (const [name, lengths, printed] of [
      ['Use', '19 20', '*** and ***'],
      ['Say', '20', '*** and plain'],
    ] as const) {
      const action = await server.until(`the end of ${name}`, async () => {
        const answer = await aws.codepipeline.send(new ListActionExecutionsCommand({ pipelineName: 'secrets' }));
        return answer.actionExecutionDetails!.find(({ actionName, status }) => actionName === name && status !== 'InProgress');
      });
      expect(action.status).toBe('Succeeded');
      expect(action.output!.outputVariables).toMatchObject({ LENGTHS: lengths });
      const id = action.output!.executionResult!.externalExecutionId!;
      const { builds } = await aws.codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
      const { groupName, streamName } = builds![0]!.logs!;
      const log = await aws.log(groupName!, streamName!);
      expect(log).toContain(printed);
      expect(JSON.stringify([action, builds, log])).not.toMatch(/_of_the_pipeline/);
    }
  } finally {
    aws.close();
  }
});
