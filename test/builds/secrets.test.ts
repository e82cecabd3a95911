import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentVariable, StartBuildCommandInput } from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type PipewrightClient } from '../../src/client/client.ts';
import { BuildServer, outputOf, phasesOf } from '../support/builds.ts';
import { workspaces } from '../support/workspaces.ts';

const PASSWORD = 'correct-horse-battery-staple';
const TOKEN = 'tok_52f1e9ce';
const KEY = `-----BEGIN KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj'.repeat(3)}\nQDIBAgEAAoIB\n-----END KEY-----\n`;

const world = new BuildServer();
let aws: PipewrightClient;
let arn: string;
let version: string;
beforeAll(async () => {
  await world.start();
  const { endpoint, credentials } = world;
  aws = createClient({ endpoint, region: 'us-east-1', credentials });
  await aws.ssm.putParameter({ Name: '/app/token', Type: 'SecureString', Value: TOKEN });
  await aws.ssm.putParameter({ Name: '/app/hosts', Type: 'StringList', Value: 'one.example,two.example' });
  await aws.ssm.putParameter({ Name: '/app/token', Type: 'SecureString', Value: 'tok_the_second', Overwrite: true });
  await aws.ssm.putParameter({ Name: 'pin', Type: 'SecureString', Value: '123' });
  const json = (password: string) => JSON.stringify({ username: 'builder', password, port: 5432, 'the key': KEY });
  const made = await aws.secretsmanager.createSecret({ Name: 'prod/db', SecretString: json('the-former-password') });
  [arn, version] = [made.ARN!, made.VersionId!];
  await aws.secretsmanager.putSecretValue({ SecretId: 'prod/db', SecretString: json(PASSWORD) });
  await aws.secretsmanager.createSecret({ Name: 'plain', SecretString: 'no json at all' });
  await aws.secretsmanager.createSecret({ Name: 'bytes', SecretBinary: Buffer.from([1, 2]) });
});
afterAll(async () => {
  aws.close();
  await world.end();
});

const commands = (...lines: readonly string[]): string =>
  `phases:\n  build:\n    commands:\n${lines.map((line) => `      - ${line}\n`).join('')}`;
const spec = (env: string, ...lines: readonly string[]): string => `version: 0.2\nenv:\n${env}${commands(...lines)}`;

/** How long a value is, which its mask does not tell. */
const lengths = (...names: readonly string[]): string => names.map((name) => `echo ${name} "\${#${name}}"`).join('; ');

async function ran(buildspec: string, input: Partial<StartBuildCommandInput> = {}) {
  const build = await world.run(buildspec, input);
  const log = await world.log(build);
  return { build, log, output: outputOf(log) };
}

describe('what a buildspec takes from the stores', () => {
  it('is there, whole, and never in the log', async () => {
    const env = [
      '  variables: {PLAIN: shown}',
      '  parameter-store: {TOKEN: "/app/token:1", NEWEST: /app/token, HOSTS: /app/hosts}',
      `  secrets-manager: {PASS: "prod/db:password", FORMER: "${arn}:password:AWSPREVIOUS", BY_ID: "prod/db:password::${version}", ` +
        'PORT: "prod/db:port", WHOLE: prod/db, PEM: "prod/db:the key"}\n',
    ].join('\n');
    const { build, log, output } = await ran(
      spec(
        env,
        lengths('TOKEN', 'NEWEST', 'HOSTS', 'PASS', 'FORMER', 'BY_ID', 'PORT', 'WHOLE', 'PEM'),
        'echo "$PLAIN $TOKEN $NEWEST $HOSTS $PASS $FORMER"',
        'for c in $(echo "$PASS" | sed "s/./& /g"); do printf %s $c; sleep 0.01; done; echo .',
        'echo "$PEM"',
        'printf %s "$WHOLE" | base64 -w 0; echo; printf "user:%s" "$PASS" | base64',
        'set -x; echo "$PASS" >&2; true; set +x',
        `echo ${TOKEN} again`,
      ),
    );
    expect(phasesOf(build)).toContain('BUILD SUCCEEDED');
    expect(output).toContain(`TOKEN ${TOKEN.length}\nNEWEST 14\nHOSTS 23\nPASS ${PASSWORD.length}\nFORMER 19\nBY_ID 19\nPORT 4\n`);
    expect(output).toContain(`PEM ${KEY.trimEnd().length + 1}\n`);
    expect(output).toContain('shown *** *** *** *** ***\n***.\n***\n***\ndXNlcjp***\n++ echo ***\n***\n');
    expect(log).toContain('Running command echo *** again');
    for (const secret of [TOKEN, 'tok_the_second', PASSWORD, 'the-former-password', 'MIIEvQIBADANBgkqhkiG9w0', 'QDIBAgEAAoIB'])
      for (const form of [secret, Buffer.from(secret).toString('base64').slice(0, 12)]) expect(log).not.toContain(form);
  });

  it.each([
    ['  parameter-store: {A: /app/absent}\n', 'Decrypted Variables Error', 'parameter does not exist: /app/absent'],
    ['  parameter-store: {A: "/app/token:9"}\n', 'Decrypted Variables Error', 'parameter does not exist: /app/token:9'],
    ['  parameter-store: {A: /aws/service/ami}\n', 'Decrypted Variables Error', 'parameter does not exist: /aws/service/ami'],
    [
      '  secrets-manager: {A: absent}\n',
      'Secrets Manager Error',
      "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    ],
    ['  secrets-manager: {A: "plain:key"}\n', 'Secrets Manager Error', 'The secret plain is no JSON object, and so has no key key'],
    ['  secrets-manager: {A: "prod/db:nothing"}\n', 'Secrets Manager Error', 'The secret prod/db has no key nothing'],
    ['  secrets-manager: {A: bytes}\n', 'Secrets Manager Error', 'The secret bytes is binary, and text is wanted'],
    [
      '  secrets-manager: {A: "a:b:c:d:e"}\n',
      'Secrets Manager Error',
      'a:b:c:d:e is not of the form secret-id:json-key:version-stage:version-id',
    ],
  ])('fails DOWNLOAD_SOURCE where it is not to be had: %s', async (env, statusCode, message) => {
    const { build } = await ran(spec(env, 'echo never'));
    expect(phasesOf(build).slice(3)).toEqual(['DOWNLOAD_SOURCE FAILED', 'FINALIZING SUCCEEDED', 'COMPLETED']);
    expect(build.phases![3]!.contexts).toEqual([{ statusCode, message }]);
  });

  it('is not exported, and what is exported shows nothing of it', async () => {
    const env = '  secrets-manager: {PASS: "prod/db:password"}\n  exported-variables: [PASS, URL, AWS_ENDPOINT_URL, FINE]\n';
    const { build, log } = await ran(spec(env, 'URL="https://me:$PASS@db"', 'FINE=yes'));
    expect(build.exportedEnvironmentVariables).toEqual([
      { name: 'URL', value: 'https://me:***@db' },
      { name: 'FINE', value: 'yes' },
    ]);
    expect(log).toContain('Not exported, as secrets and variables that begin with AWS_ are not: PASS, AWS_ENDPOINT_URL');
  });

  it('says what is too short to be masked', async () => {
    const { log, output } = await ran(spec('  parameter-store: {PIN: pin}\n', 'echo "$PIN"'));
    expect(output).toBe('123\n');
    expect(log).toContain('The value of PIN is too short to be masked in this log');
  });
});

describe('variables of the project and of the call', () => {
  const variable = (name: string, type: EnvironmentVariable['type'], value: string): EnvironmentVariable => ({ name, type, value });
  const show = commands(lengths('A', 'B', 'C', 'D'), 'echo "$A"');

  it('win over the buildspec in AWS’s order, whatever their types; what is overridden need not be there', async () => {
    const buildspec = `version: 0.2\nenv:\n  parameter-store: {A: /app/absent, B: /app/absent, D: /app/hosts}\n  variables: {D: x}\n${show}`;
    const environment = { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' } as const;
    const environmentVariables = [
      variable('A', 'PLAINTEXT', 'project'),
      variable('B', 'SECRETS_MANAGER', 'prod/db:password'),
      variable('C', 'PARAMETER_STORE', '/app/absent'),
    ];
    const environmentVariablesOverride = [variable('A', 'SECRETS_MANAGER', 'prod/db:username'), variable('C', 'PLAINTEXT', 'call')];
    const build = await world.run(buildspec, { environmentVariablesOverride }, { environment: { ...environment, environmentVariables } });
    expect(outputOf(await world.log(build))).toBe(`A 7\nB ${PASSWORD.length}\nC 4\nD 23\n***\n`);
    expect(build.environment!.environmentVariables).toContainEqual(variable('A', 'SECRETS_MANAGER', 'prod/db:username'));
    expect(JSON.stringify(build)).not.toContain(PASSWORD);
  });

  it('fail DOWNLOAD_SOURCE where they lead nowhere', async () => {
    const { build } = await ran(`version: 0.2\n${show}`, { environmentVariablesOverride: [variable('A', 'PARAMETER_STORE', 'absent')] });
    expect(build.phases![3]).toMatchObject({
      phaseType: 'DOWNLOAD_SOURCE',
      phaseStatus: 'FAILED',
      contexts: [{ statusCode: 'Decrypted Variables Error', message: 'parameter does not exist: absent' }],
    });
  });
});

it('builds read what they can name, with their own credentials, and nothing more of the stores', async () => {
  const call = (target: string, body: string) =>
    // In one write: the log takes what is written a while apart for lines of their own.
    `code=$(curl -s -o out -w "%{http_code}" --aws-sigv4 "aws:amz:us-east-1:${target.split(' ')[1]}" --user "$ID:$SECRET" -H "x-amz-security-token: $SESSION" ` +
    `-H "content-type: application/x-amz-json-1.1" -H "x-amz-target: ${target.split(' ')[0]}" -d '${body}' "$AWS_ENDPOINT_URL/"); echo "$code $(cat out)"`;
  const lines = [
    'CREDENTIALS=$(curl -sf -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI")',
    'field() { echo "$CREDENTIALS" | sed -E "s/.*\\"$1\\":\\"([^\\"]*)\\".*/\\1/"; }; ID=$(field AccessKeyId); SECRET=$(field SecretAccessKey); SESSION=$(field Token)',
    call('AmazonSSM.GetParameter ssm', '{"Name":"/app/hosts"}'),
    call('secretsmanager.GetSecretValue secretsmanager', '{"SecretId":"plain"}'),
    call('AmazonSSM.PutParameter ssm', '{"Name":"/app/x","Value":"x","Type":"String"}'),
    call('secretsmanager.ListSecrets secretsmanager', '{}'),
  ];
  const block = `version: 0.2\nphases:\n  build:\n    commands:\n      - |\n${lines.map((line) => `        ${line}\n`).join('')}`;
  const { output } = await ran(block);
  const [parameter, secret, put, list] = output.split('\n').filter((line) => /^\d{3} /.test(line));
  expect(parameter).toMatch(/^200 .*one\.example,two\.example/);
  expect(secret).toMatch(/^200 .*no json at all/);
  expect(put).toMatch(/^400 .*AccessDeniedException.*ssm:PutParameter/);
  expect(list).toMatch(/^400 .*AccessDeniedException.*secretsmanager:ListSecrets/);
});

/** What belongs to a process that has just ended may go meanwhile. */
function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

it('nothing of the data folder holds a secret in clear', async () => {
  // The folders of builds that have ended go a little later.
  while (workspaces(world.data).size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const files = readdirSync(world.data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    const bytes = bytesOf(join(file.parentPath, file.name));
    for (const secret of [PASSWORD, 'the-former-password', 'tok_the_second', 'MIIEvQIBADANBgkqhkiG9w0'])
      expect(bytes.includes(secret)).toBe(false);
  }
});
