import { AssumeRoleCommand, GetAccessKeyInfoCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, startIamServer, TRUST, type Keys, type RestartableServer } from '../iam/testing/server.ts';

const ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy/Deployer`;

let server: RestartableServer;
let bob: Keys;

beforeAll(async () => {
  server = await startIamServer();
  const iam = server.now.iamAs(server.now.root);
  await iam.send(new CreateUserCommand({ UserName: 'bob', Path: '/staff/' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'bob' }));
  bob = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  await iam.send(
    new CreateRoleCommand({ RoleName: 'Deployer', Path: '/deploy/', AssumeRolePolicyDocument: TRUST, MaxSessionDuration: 7200 }),
  );
});
afterAll(() => server.close());

function assume(keys: Keys, extra: Partial<ConstructorParameters<typeof AssumeRoleCommand>[0]> = {}) {
  return server.now.stsAs(keys).send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'night', ...extra }));
}

async function assumed(keys: Keys): Promise<Keys> {
  const { Credentials } = await assume(keys);
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
}

const whoAmI = (keys: Keys) => server.now.stsAs(keys).send(new GetCallerIdentityCommand({}));

describe('GetCallerIdentity', () => {
  it('knows the root', async () => {
    expect(await whoAmI(server.now.root)).toMatchObject({ Account: ACCOUNT, UserId: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:root` });
  });

  it('knows a user with a path', async () => {
    const identity = await whoAmI(bob);
    expect(identity).toMatchObject({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/staff/bob` });
    expect(identity.UserId).toMatch(/^AIDA[A-Z2-7]{17}$/);
  });
});

describe('AssumeRole', () => {
  it('answers credentials that speak for the session', async () => {
    const { Credentials, AssumedRoleUser } = await assume(bob, { SourceIdentity: 'bob' });
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/night`;
    expect(AssumedRoleUser!.Arn).toBe(arn);
    expect(AssumedRoleUser!.AssumedRoleId).toMatch(/^AROA[A-Z2-7]{17}:night$/);
    expect(Credentials!.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(Credentials!.Expiration!.getTime()).toBe(server.now.clock.now() + 3600_000);
    const identity = await whoAmI(await assumed(bob));
    expect(identity).toMatchObject({ Arn: arn, UserId: AssumedRoleUser!.AssumedRoleId });
  });

  it.each([
    ['another path', `arn:aws:iam::${ACCOUNT}:role/Deployer`],
    ['no such role', `arn:aws:iam::${ACCOUNT}:role/Nobody`],
    ['another account', 'arn:aws:iam::999999999999:role/deploy/Deployer'],
  ])('says only that it is not authorized: %s', async (_, RoleArn) => {
    await expect(assume(bob, { RoleArn })).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: arn:aws:iam::${ACCOUNT}:user/staff/bob is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('keeps to the longest session of the role, and to an hour for chained ones', async () => {
    await expect(assume(bob, { DurationSeconds: 7201 })).rejects.toMatchObject({ name: 'ValidationError', message: /MaxSessionDuration/ });
    await expect(assume(bob, { DurationSeconds: 899 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(assume(bob, { RoleSessionName: 'a b' })).rejects.toMatchObject({ name: 'ValidationError' });
    const session = await assumed(bob);
    await expect(assume(session, { DurationSeconds: 7200 })).rejects.toMatchObject({ name: 'ValidationError', message: /role chaining/ });
    expect((await assume(session)).AssumedRoleUser!.Arn).toContain('assumed-role/Deployer/night');
  });

  it('refuses an MFA code, as it could not check it, and a policy that is no JSON', async () => {
    const code = { SerialNumber: `arn:aws:iam::${ACCOUNT}:mfa/bob`, TokenCode: '123456' };
    await expect(assume(bob, code)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(assume(bob, { Policy: '{' })).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
  });
});

describe('temporary credentials', () => {
  it('survive a restart', async () => {
    const session = await assumed(bob);
    await server.restart();
    expect((await whoAmI(session)).Arn).toContain('assumed-role/Deployer/night');
    expect((await whoAmI(bob)).Arn).toContain('user/staff/bob');
  });

  it('want their token, and end', async () => {
    const session = await assumed(bob);
    const { sessionToken: _, ...withoutToken } = session;
    await expect(whoAmI(withoutToken)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await server.now.iam.sessions.revoke(session.accessKeyId);
    await expect(whoAmI(session)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  it('say that they are expired for a day, and are swept then', async () => {
    const { iam, clock } = server.now;
    const principal = { kind: 'role', account: ACCOUNT, arn: 'arn:aws:sts::1:assumed-role/R/s', id: 'AROAX:s', session: 'build' } as const;
    const first = await iam.sessions.issue(principal, 60);
    expect(first.expires).toBe(clock.now() + 60_000);
    clock.advance(61_000);
    expect(await iam.credentials.find(first.accessKeyId)).toMatchObject({ expires: first.expires, principal });
    clock.advance(24 * 3600_000);
    const second = await iam.sessions.issue(principal, 60);
    await server.restart();
    expect(await server.now.iam.credentials.find(first.accessKeyId)).toBeUndefined();
    expect(await server.now.iam.credentials.find(second.accessKeyId)).toMatchObject({ sessionToken: second.sessionToken });
  });
});

describe('GetSessionToken and GetAccessKeyInfo', () => {
  it('gives users a session of their own, but not to sessions', async () => {
    const { Credentials } = await server.now.stsAs(bob).send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
    const session = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
    expect((await whoAmI(session)).Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/staff/bob`);
    await expect(server.now.stsAs(session).send(new GetSessionTokenCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('names the account of a key', async () => {
    const sts = server.now.stsAs(bob);
    const { root } = server.now;
    expect(await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: root.accessKeyId }))).toMatchObject({ Account: ACCOUNT });
    await expect(sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA' }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });
});
