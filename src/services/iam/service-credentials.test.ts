import {
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteUserCommand,
  ListServiceSpecificCredentialsCommand,
  ResetServiceSpecificCredentialCommand,
  UpdateServiceSpecificCredentialCommand,
  UpdateUserCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCOUNT, startIamServer, type RestartableServer } from './testing/server.ts';

const CODECOMMIT = 'codecommit.amazonaws.com';
let server: RestartableServer;
let iam: IAMClient;
beforeAll(async () => {
  server = await startIamServer();
  iam = server.now.iamAs(server.now.root);
});
afterAll(() => server.close());

async function newUser(UserName: string): Promise<void> {
  await iam.send(new CreateUserCommand({ UserName }));
}

async function newCredential(UserName: string) {
  const { ServiceSpecificCredential } = await iam.send(new CreateServiceSpecificCredentialCommand({ UserName, ServiceName: CODECOMMIT }));
  const { ServiceUserName, ServicePassword, ServiceSpecificCredentialId } = ServiceSpecificCredential!;
  return { userName: ServiceUserName!, password: ServicePassword!, id: ServiceSpecificCredentialId! };
}

const arnFor = async (userName: string, password: string) => (await server.now.iam.verifyServiceCredential(userName, password))?.arn;

it('names and verifies git credentials', async () => {
  await newUser('bob');
  const [first, second] = [await newCredential('bob'), await newCredential('bob')];
  expect([first.userName, second.userName]).toEqual([`bob-at-${ACCOUNT}`, `bob+1-at-${ACCOUNT}`]);
  for (const { userName, password } of [first, first, second]) {
    expect(await arnFor(userName, password)).toBe(`arn:aws:iam::${ACCOUNT}:user/bob`);
  }
  expect(await arnFor(first.userName, second.password)).toBeUndefined();
  expect(await arnFor('nobody', first.password)).toBeUndefined();
  await expect(newCredential('bob')).rejects.toMatchObject({
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2',
  });
});

it('shows a password once, and stores none', async () => {
  await newUser('once');
  const { password, userName } = await newCredential('once');
  const { ServiceSpecificCredentials } = await iam.send(
    new ListServiceSpecificCredentialsCommand({ UserName: 'once', ServiceName: CODECOMMIT }),
  );
  expect(ServiceSpecificCredentials).toMatchObject([{ UserName: 'once', ServiceUserName: userName, Status: 'Active' }]);
  const { dir } = server;
  const stored = ['test.db', 'test.db-wal'].map((name) => readFileSync(join(dir, name), 'latin1')).join('');
  expect(stored).toContain(userName);
  expect(stored).not.toContain(password);
  expect(stored).not.toContain(server.now.root.secretAccessKey);
});

it('forgets what it remembered when a credential changes', async () => {
  await newUser('change');
  const { userName, password, id } = await newCredential('change');
  const named = { UserName: 'change', ServiceSpecificCredentialId: id };
  expect(await arnFor(userName, password)).toContain('user/change');
  await iam.send(new UpdateServiceSpecificCredentialCommand({ ...named, Status: 'Inactive' }));
  expect(await arnFor(userName, password)).toBeUndefined();
  await iam.send(new UpdateServiceSpecificCredentialCommand({ ...named, Status: 'Active' }));
  expect(await arnFor(userName, password)).toContain('user/change');
  const { ServiceSpecificCredential } = await iam.send(new ResetServiceSpecificCredentialCommand(named));
  expect(await arnFor(userName, password)).toBeUndefined();
  expect(await arnFor(userName, ServiceSpecificCredential!.ServicePassword!)).toContain('user/change');
  await iam.send(new UpdateUserCommand({ UserName: 'change', NewUserName: 'changed' }));
  expect(await arnFor(userName, ServiceSpecificCredential!.ServicePassword!)).toContain('user/changed');
  await expect(iam.send(new DeleteUserCommand({ UserName: 'changed' }))).rejects.toMatchObject({ name: 'DeleteConflictException' });
  await iam.send(new DeleteServiceSpecificCredentialCommand({ ...named, UserName: 'changed' }));
  expect(await arnFor(userName, ServiceSpecificCredential!.ServicePassword!)).toBeUndefined();
  await iam.send(new DeleteUserCommand({ UserName: 'changed' }));
});

it('has them for CodeCommit only, and for the user they belong to', async () => {
  await newUser('other');
  const { id } = await newCredential('other');
  await expect(
    iam.send(new CreateServiceSpecificCredentialCommand({ UserName: 'other', ServiceName: 'cassandra.amazonaws.com' })),
  ).rejects.toMatchObject({ name: 'ServiceNotSupportedException' });
  await expect(
    iam.send(new ResetServiceSpecificCredentialCommand({ UserName: 'bob', ServiceSpecificCredentialId: id })),
  ).rejects.toMatchObject({ name: 'NoSuchEntityException' });
});
