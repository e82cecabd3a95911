import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareAll } from '../../../../test/support/database.ts';
import type { ImportSourceCredentialsInput, ProjectSource } from '../api.gen.ts';
import { ACCOUNT, refused, World } from '../testing/world.ts';
import { sourceCredentialSql } from './tables.ts';

const GITHUB = `arn:aws:codebuild:us-east-1:${ACCOUNT}:token/github`;
const CONNECTION = `arn:aws:codeconnections:us-east-1:${ACCOUNT}:connection/c1`;
const SECRET = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:git-abcdef`;

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.end());

const importing = (input: Partial<ImportSourceCredentialsInput>) =>
  world.call('importSourceCredentials', { serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN', token: 't0ken', ...input });

/** The source as the runner of a build is told it. */
async function leased(source: Partial<ProjectSource>, secondarySources: readonly ProjectSource[] = []) {
  await world.call('createProject', {
    name: 'shop',
    source: { type: 'GITHUB', location: 'https://github.com/acme/shop', ...source },
    secondarySources,
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'builds',
  });
  await world.call('startBuild', { projectName: 'shop' });
  return world.job();
}

it('has statements that fit its tables', () => {
  expect(prepareAll(world.db, sourceCredentialSql)).toBe(5);
});

describe('the operations', () => {
  it('keep one for each kind of server, and show no token', async () => {
    expect(await importing({})).toEqual({ arn: GITHUB });
    await importing({ serverType: 'BITBUCKET', authType: 'BASIC_AUTH', username: 'ada' });
    await importing({ serverType: 'GITLAB', authType: 'CODECONNECTIONS', token: CONNECTION });
    expect(await world.call('listSourceCredentials', {})).toEqual({
      sourceCredentialsInfos: [
        { arn: `arn:aws:codebuild:us-east-1:${ACCOUNT}:token/bitbucket`, serverType: 'BITBUCKET', authType: 'BASIC_AUTH' },
        { arn: GITHUB, serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN' },
        {
          arn: `arn:aws:codebuild:us-east-1:${ACCOUNT}:token/gitlab`,
          serverType: 'GITLAB',
          authType: 'CODECONNECTIONS',
          resource: CONNECTION,
        },
      ],
    });
    const rows = await world.db.all<object>({ sql: 'SELECT * FROM codebuild_source_credentials' });
    expect(rows).toHaveLength(3);
    expect(JSON.stringify(rows)).not.toContain('t0ken');
  });

  it('overwrite unless told not to', async () => {
    await importing({});
    await importing({ token: 'newer' });
    expect(await refused(importing({ shouldOverwrite: false }))).toBe(
      `ResourceAlreadyExistsException: Access token already exists: ${GITHUB}`,
    );
    expect((await leased({})).source).toMatchObject({ login: { password: 'newer' } });
  });

  it('delete once', async () => {
    await importing({});
    expect(await world.call('deleteSourceCredentials', { arn: GITHUB })).toEqual({ arn: GITHUB });
    expect(await refused(world.call('deleteSourceCredentials', { arn: GITHUB }))).toMatch(/^ResourceNotFoundException: /);
    expect(await refused(world.call('deleteSourceCredentials', { arn: 'github' }))).toMatch(/^InvalidInputException: /);
    expect(await world.call('listSourceCredentials', {})).toEqual({ sourceCredentialsInfos: [] });
  });

  it.each<[Partial<ImportSourceCredentialsInput>, string]>([
    [{ authType: 'OAUTH' }, 'not supported by the API'],
    [{ authType: 'BASIC_AUTH', username: 'ada' }, 'BASIC_AUTH is not valid for server type GITHUB'],
    [{ authType: 'BASIC_AUTH', serverType: 'BITBUCKET' }, 'Username is required'],
    [{ username: 'ada' }, 'Username is not valid'],
    [{ authType: 'CODECONNECTIONS' }, 'ARN of a connection'],
    [{ authType: 'SECRETS_MANAGER' }, 'ARN of a secret'],
  ])('refuse %j', async (input, message) => {
    expect(await refused(importing(input))).toMatch(new RegExp(`^InvalidInputException: .*${message}`));
  });
});

describe('a build', () => {
  it('of a git host is told the account’s credentials for that kind of server', async () => {
    await importing({});
    const job = await leased({}, [
      { type: 'GITHUB', location: 'https://github.com/acme/lib.git', sourceIdentifier: 'lib' },
      { type: 'BITBUCKET', location: 'https://bitbucket.org/acme/lib', sourceIdentifier: 'other' },
    ]);
    expect(job.source).toMatchObject({ location: 'https://github.com/acme/shop.git', login: { password: 't0ken' } });
    expect(job.secondarySources[0]).toMatchObject({ identifier: 'lib', login: { password: 't0ken' } });
    expect(job.secondarySources[1]).not.toHaveProperty('login');
  });

  it('without credentials clones as anybody', async () => {
    expect((await leased({})).source).toEqual({ kind: 'GIT', location: 'https://github.com/acme/shop' });
  });

  it('is not told the account’s token for a host that its kind of server is not at', async () => {
    await importing({});
    const { source } = await leased({ location: 'https://github.com.evil.example/acme/shop' });
    expect(source).not.toHaveProperty('login');
    expect(source.problem).toBe('The source credentials for GITHUB are for github.com, and are not sent to github.com.evil.example');
  });

  it('over ssh is told none', async () => {
    await importing({});
    expect((await leased({ location: 'git@github.com:acme/shop.git' })).source).not.toHaveProperty('login');
  });

  it('takes the source’s own connection or secret before the account’s', async () => {
    await importing({});
    world.secretStrings.set(SECRET, '{"ServerType":"GITHUB","AuthType":"PERSONAL_ACCESS_TOKEN","Token":"from-the-secret"}');
    world.hosts.connections.set(CONNECTION, { providerType: 'GitHub', server: 'https://git.example', token: 'of-the-connection' });
    const job = await leased({ auth: { type: 'SECRETS_MANAGER', resource: SECRET } }, [
      {
        type: 'GITHUB',
        location: 'https://github.com/acme/lib',
        sourceIdentifier: 'lib',
        auth: { type: 'CODECONNECTIONS', resource: CONNECTION },
      },
    ]);
    expect(job.source).toMatchObject({ login: { password: 'from-the-secret' } });
    expect(job.secondarySources[0]).toMatchObject({
      location: 'https://git.example/acme/lib.git',
      login: { password: 'of-the-connection' },
    });
  });

  it.each([
    ['{"ServerType":"BITBUCKET","AuthType":"PERSONAL_ACCESS_TOKEN","Token":"x"}', 'it holds no ServerType GITHUB'],
    ['not json', 'it holds no ServerType GITHUB'],
    [undefined, 'There is no such secret.'],
  ])('whose secret is %j is told why it cannot be used', async (secret, why) => {
    if (secret !== undefined) world.secretStrings.set(SECRET, secret);
    const { source } = await leased({ auth: { type: 'SECRETS_MANAGER', resource: SECRET } });
    expect(source.problem).toContain(why);
    expect(source).not.toHaveProperty('login');
  });

  it('may not have an auth without its resource', async () => {
    expect(await refused(leased({ auth: { type: 'CODECONNECTIONS' } }))).toMatch(/^InvalidInputException: Invalid source auth/);
    expect(await refused(leased({ auth: { type: 'SECRETS_MANAGER', resource: CONNECTION } }))).toMatch(
      /^InvalidInputException: Invalid source auth/,
    );
  });
});
