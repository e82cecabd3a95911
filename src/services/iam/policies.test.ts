import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateUserCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  SetDefaultPolicyVersionCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, startIamServer, TRUST, type RestartableServer } from './testing/server.ts';

const policyOf = (Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }, null, 2);
const AWS_POLICY = 'arn:aws:iam::aws:policy/AdministratorAccess';

let server: RestartableServer;
let iam: IAMClient;
beforeAll(async () => {
  server = await startIamServer();
  iam = server.now.iamAs(server.now.root);
});
afterAll(() => server.close());

const newRole = (RoleName: string) => iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST }));
async function newPolicy(PolicyName: string, Path?: string): Promise<string> {
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, Path, PolicyDocument: policyOf('s3:*') }));
  return Policy!.Arn!;
}

describe('inline policies', () => {
  it('are stored as they were given, and come back encoded', async () => {
    await newRole('Inline');
    const named = { RoleName: 'Inline', PolicyName: 'p' };
    await iam.send(new PutRolePolicyCommand({ ...named, PolicyDocument: policyOf('s3:Get*') }));
    const { PolicyDocument, RoleName } = await iam.send(new GetRolePolicyCommand(named));
    expect(RoleName).toBe('Inline');
    expect(PolicyDocument).not.toContain('{');
    expect(decodeURIComponent(PolicyDocument!)).toBe(policyOf('s3:Get*'));
    await iam.send(new PutRolePolicyCommand({ ...named, PolicyDocument: policyOf('s3:*') }));
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName: 'Inline' }))).PolicyNames).toEqual(['p']);
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'Inline' }))).rejects.toMatchObject({
      message: 'Cannot delete entity, must delete policies first.',
    });
    await iam.send(new DeleteRolePolicyCommand(named));
    await expect(iam.send(new GetRolePolicyCommand(named))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role policy with name p cannot be found.',
    });
    await iam.send(new DeleteRoleCommand({ RoleName: 'Inline' }));
  });

  it('must be JSON', async () => {
    await newRole('Malformed');
    const put = iam.send(new PutRolePolicyCommand({ RoleName: 'Malformed', PolicyName: 'p', PolicyDocument: 'Allow all' }));
    await expect(put).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException', $metadata: { httpStatusCode: 400 } });
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName: 'Malformed' }))).PolicyNames).toEqual([]);
  });
});

describe('managed policies', () => {
  it('are made once', async () => {
    const arn = await newPolicy('Once', '/team/');
    expect(arn).toBe(`arn:aws:iam::${ACCOUNT}:policy/team/Once`);
    expect((await iam.send(new GetPolicyCommand({ PolicyArn: arn }))).Policy).toMatchObject({
      PolicyName: 'Once',
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
      PolicyId: expect.stringMatching(/^ANPA/),
    });
    await expect(newPolicy('Once')).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      message: 'A policy called Once already exists. Duplicate names are not allowed.',
    });
    const elsewhere = `arn:aws:iam::${ACCOUNT}:policy/Once`;
    await expect(iam.send(new GetPolicyCommand({ PolicyArn: elsewhere }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: `Policy ${elsewhere} was not found.`,
    });
    await expect(iam.send(new GetPolicyCommand({ PolicyArn: 'arn:aws:iam::1:role/no-policy' }))).rejects.toMatchObject({
      name: 'InvalidInputException',
    });
  });

  it('have five versions at most, one of them the default', async () => {
    const PolicyArn = await newPolicy('Versions');
    const add = (SetAsDefault: boolean) =>
      iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policyOf('sqs:*'), SetAsDefault }));
    expect((await add(false)).PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: false });
    expect((await add(true)).PolicyVersion).toMatchObject({ VersionId: 'v3', IsDefaultVersion: true });
    await add(false);
    await add(false);
    await expect(add(false)).rejects.toMatchObject({ name: 'LimitExceededException' });
    const versions = async () => (await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))).Versions!;
    expect((await versions()).map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
      ['v5', false],
      ['v4', false],
      ['v3', true],
      ['v2', false],
      ['v1', false],
    ]);
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    expect(decodeURIComponent(PolicyVersion!.Document!)).toBe(policyOf('sqs:*'));
    await expect(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v3' }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete the default version of a policy.',
    });
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject({ name: 'DeleteConflictException' });
    for (const VersionId of ['v2', 'v3', 'v4', 'v5']) await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    // Numbers are not used again.
    expect((await add(false)).PolicyVersion!.VersionId).toBe('v6');
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v6' }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    await expect(iam.send(new GetPolicyCommand({ PolicyArn }))).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });

  it('come in pages of their versions', async () => {
    const PolicyArn = await newPolicy('Paged');
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policyOf('a:b') }));
    const first = await iam.send(new ListPolicyVersionsCommand({ PolicyArn, MaxItems: 1 }));
    const second = await iam.send(new ListPolicyVersionsCommand({ PolicyArn, MaxItems: 1, Marker: first.Marker }));
    expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false]);
    expect([first, second].map((page) => page.Versions![0]!.VersionId)).toEqual(['v2', 'v1']);
  });
});

describe('attachments', () => {
  it('join policies with users and roles', async () => {
    const PolicyArn = await newPolicy('Joined', '/j/');
    await newRole('Attached');
    await iam.send(new CreateUserCommand({ UserName: 'attached' }));
    for (const arn of [PolicyArn, PolicyArn, AWS_POLICY])
      await iam.send(new AttachRolePolicyCommand({ RoleName: 'Attached', PolicyArn: arn }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'attached', PolicyArn }));
    const attached = async (PathPrefix?: string) =>
      (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'Attached', PathPrefix }))).AttachedPolicies;
    expect(await attached()).toEqual([
      { PolicyName: 'Joined', PolicyArn },
      { PolicyName: 'AdministratorAccess', PolicyArn: AWS_POLICY },
    ]);
    expect(await attached('/j/')).toEqual([{ PolicyName: 'Joined', PolicyArn }]);
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy!.AttachmentCount).toBe(2);
    const onlyAttached = await iam.send(new ListPoliciesCommand({ Scope: 'Local', OnlyAttached: true }));
    expect(onlyAttached.Policies!.map((policy) => policy.PolicyName)).toEqual(['Joined']);

    const entities = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }));
    expect(entities.PolicyRoles!.map((role) => role.RoleName)).toEqual(['Attached']);
    expect(entities.PolicyUsers!.map((user) => user.UserName)).toEqual(['attached']);
    const users = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, EntityFilter: 'User' }));
    expect([users.PolicyRoles, users.PolicyUsers!.length]).toEqual([[], 1]);

    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete a policy attached to entities.',
    });
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'Attached' }))).rejects.toMatchObject({
      message: 'Cannot delete entity, must detach all policies first.',
    });
    for (const arn of [PolicyArn, AWS_POLICY]) await iam.send(new DetachRolePolicyCommand({ RoleName: 'Attached', PolicyArn: arn }));
    await expect(iam.send(new DetachRolePolicyCommand({ RoleName: 'Attached', PolicyArn }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    await iam.send(new DetachUserPolicyCommand({ UserName: 'attached', PolicyArn }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    await iam.send(new DeleteRoleCommand({ RoleName: 'Attached' }));
  });

  it('are ten at most, of policies that exist', async () => {
    await newRole('Full');
    const attach = (PolicyArn: string) => iam.send(new AttachRolePolicyCommand({ RoleName: 'Full', PolicyArn }));
    for (let n = 0; n < 10; n++) await attach(`arn:aws:iam::aws:policy/service-role/P${n}`);
    await expect(attach(AWS_POLICY)).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for PoliciesPerRole: 10',
    });
    await attach('arn:aws:iam::aws:policy/service-role/P0');
    const none = `arn:aws:iam::${ACCOUNT}:policy/None`;
    await expect(attach(none)).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: `Policy ${none} does not exist or is not attachable.`,
    });
  });
});

describe('permissions boundaries', () => {
  it('are stored, and keep their policy', async () => {
    const PolicyArn = await newPolicy('Boundary');
    const missing = `arn:aws:iam::${ACCOUNT}:policy/Missing`;
    const create = (PermissionsBoundary: string) =>
      iam.send(new CreateRoleCommand({ RoleName: 'Bounded', AssumeRolePolicyDocument: TRUST, PermissionsBoundary }));
    await expect(create(missing)).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await create(PolicyArn);
    expect((await iam.send(new GetRoleCommand({ RoleName: 'Bounded' }))).Role!.PermissionsBoundary!.PermissionsBoundaryArn).toBe(PolicyArn);
    const bounding = await iam.send(new ListPoliciesCommand({ PolicyUsageFilter: 'PermissionsBoundary' }));
    expect(bounding.Policies).toMatchObject([{ PolicyName: 'Boundary', AttachmentCount: 0, PermissionsBoundaryUsageCount: 1 }]);
    const bounded = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter: 'PermissionsBoundary' }));
    expect(bounded.PolicyRoles).toMatchObject([{ RoleName: 'Bounded' }]);
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject({ name: 'DeleteConflictException' });
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: 'Bounded' }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
  });
});
