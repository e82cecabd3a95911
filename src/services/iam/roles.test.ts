import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteServiceLinkedRoleCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolesCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, startIamServer, TRUST, type RestartableServer } from './testing/server.ts';

let server: RestartableServer;
let iam: IAMClient;
beforeAll(async () => {
  server = await startIamServer();
  iam = server.now.iamAs(server.now.root);
});
afterAll(() => server.close());

const newRole = (RoleName: string) => iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST }));
const roleNamed = async (RoleName: string) => (await iam.send(new GetRoleCommand({ RoleName }))).Role!;

describe('roles', () => {
  it('come back as they were made', async () => {
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'Build',
        Path: '/ci/',
        AssumeRolePolicyDocument: TRUST,
        Description: 'builds',
        Tags: [{ Key: 'a', Value: 'b' }],
      }),
    );
    expect(Role).toMatchObject({
      Arn: `arn:aws:iam::${ACCOUNT}:role/ci/Build`,
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Description: 'builds',
      MaxSessionDuration: 3600,
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).toBe(TRUST);
    expect(await roleNamed('Build')).toEqual(Role);
    expect((await iam.send(new ListRolesCommand({ PathPrefix: '/ci/' }))).Roles!.map((role) => role.RoleName)).toEqual(['Build']);
  });

  it('speak of themselves as AWS does', async () => {
    await expect(roleNamed('None')).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role with name None cannot be found.',
    });
    await newRole('Twice');
    await expect(newRole('Twice')).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      message: 'Role with name Twice already exists.',
    });
    await expect(iam.send(new CreateRoleCommand({ RoleName: 'Bad', AssumeRolePolicyDocument: 'x' }))).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
    await expect(iam.send(new CreateRoleCommand({ RoleName: 'a/b', AssumeRolePolicyDocument: TRUST }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  it('change', async () => {
    await newRole('Changing');
    await iam.send(new UpdateRoleCommand({ RoleName: 'Changing', Description: 'one', MaxSessionDuration: 7200 }));
    await iam.send(new UpdateRoleDescriptionCommand({ RoleName: 'Changing', Description: 'two' }));
    const trust = TRUST.replace('root', 'user/bob');
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'Changing', PolicyDocument: trust }));
    await iam.send(new TagRoleCommand({ RoleName: 'Changing', Tags: [{ Key: 'k', Value: 'v' }] }));
    const role = await roleNamed('Changing');
    expect(role).toMatchObject({ Description: 'two', MaxSessionDuration: 7200, Tags: [{ Key: 'k', Value: 'v' }] });
    expect(decodeURIComponent(role.AssumeRolePolicyDocument!)).toBe(trust);
  });

  it('lose no change to another', async () => {
    await newRole('Raced');
    const trusts = ['a', 'b', 'c'].map((name) => TRUST.replace('root', `user/${name}`));
    const results = await Promise.allSettled([
      ...trusts.map((PolicyDocument) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'Raced', PolicyDocument }))),
      iam.send(new UpdateRoleCommand({ RoleName: 'Raced', MaxSessionDuration: 7200 })),
    ]);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ name: 'ConcurrentModificationException' });
    }
    const role = await roleNamed('Raced');
    expect(role.MaxSessionDuration).toBe(results[3]!.status === 'fulfilled' ? 7200 : 3600);
  });

  it('end their sessions when they are deleted', async () => {
    await newRole('Ending');
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/Ending`;
    const { Credentials } = await server.now.stsAs(server.now.root).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'xx' }));
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
    const sts = server.now.stsAs({ accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! });
    await sts.send(new GetCallerIdentityCommand({}));
    await iam.send(new DeleteRoleCommand({ RoleName: 'Ending' }));
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });
});

describe('sessions of builds', () => {
  it('are told that they may not', async () => {
    const principal = {
      kind: 'role',
      account: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/B/s`,
      id: 'B:s',
      session: 'build',
    } as const;
    const session = await server.now.iam.sessions.issue(principal, 900);
    await expect(server.now.iamAs(session).send(new ListRolesCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: ${principal.arn} is not authorized to perform: iam:ListRoles`,
      $metadata: { httpStatusCode: 403 },
    });
  });
});

describe('instance profiles', () => {
  it('hold one role', async () => {
    await newRole('Host');
    await newRole('Other');
    const named = { InstanceProfileName: 'hosts' };
    const { InstanceProfile } = await iam.send(new CreateInstanceProfileCommand(named));
    expect(InstanceProfile).toMatchObject({ Arn: `arn:aws:iam::${ACCOUNT}:instance-profile/hosts`, Roles: [] });
    await iam.send(new AddRoleToInstanceProfileCommand({ ...named, RoleName: 'Host' }));
    await expect(iam.send(new AddRoleToInstanceProfileCommand({ ...named, RoleName: 'Other' }))).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    expect((await iam.send(new GetInstanceProfileCommand(named))).InstanceProfile!.Roles).toMatchObject([{ RoleName: 'Host' }]);
    expect((await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: 'Host' }))).InstanceProfiles).toHaveLength(1);
    const conflict = { message: 'Cannot delete entity, must remove roles from instance profile first.' };
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'Host' }))).rejects.toMatchObject(conflict);
    await expect(iam.send(new DeleteInstanceProfileCommand(named))).rejects.toMatchObject(conflict);
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ ...named, RoleName: 'Host' }));
    await iam.send(new DeleteInstanceProfileCommand(named));
    await expect(iam.send(new GetInstanceProfileCommand(named))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'Instance Profile hosts cannot be found.',
    });
  });
});

describe('service-linked roles', () => {
  it('belong to their service', async () => {
    const create = () => iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'ecs.amazonaws.com' }));
    expect((await create()).Role!.Arn).toBe(`arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`);
    await expect(create()).rejects.toMatchObject({ name: 'InvalidInputException' });
    const named = { RoleName: 'AWSServiceRoleForECS' };
    await expect(iam.send(new DeleteRoleCommand(named))).rejects.toMatchObject({ name: 'UnmodifiableEntityException' });
    const { DeletionTaskId } = await iam.send(new DeleteServiceLinkedRoleCommand(named));
    const status = (task: string) => iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId: task }));
    expect((await status(DeletionTaskId!)).Status).toBe('SUCCEEDED');
    await expect(status('task/unknown')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await expect(roleNamed('AWSServiceRoleForECS')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });
});
