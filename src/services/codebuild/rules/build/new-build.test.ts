import { expect, test } from 'vitest';
import type { EnvironmentVariable, Project } from '../../api.gen.ts';
import { newBuild } from './new-build.ts';

const identity = { account: '000000000000', region: 'us-east-1', uuid: 'u', number: 1, initiator: 'root' };

const project = (environmentVariables: readonly EnvironmentVariable[]): Project => ({
  name: 'site',
  source: { type: 'NO_SOURCE', buildspec: 'version: 0.2' },
  artifacts: { type: 'NO_ARTIFACTS' },
  environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL', environmentVariables },
});

const start = (own: readonly EnvironmentVariable[], given: readonly EnvironmentVariable[] = []) =>
  newBuild(project(own), { projectName: 'site', environmentVariablesOverride: given }, identity).environment.environmentVariables;

test('what a start gives wins over a project variable of the same name, its type too', () => {
  expect(start([{ name: 'KEY', value: 'name', type: 'SECRETS_MANAGER' }], [{ name: 'KEY', value: 'v' }])).toEqual([
    { name: 'KEY', value: 'v', type: 'PLAINTEXT' },
  ]);
});

test('what a start says of image, host and machine wins over the project', () => {
  const credential = { credential: 'secret', credentialProvider: 'SECRETS_MANAGER' } as const;
  const { environment } = newBuild(
    project([]),
    {
      projectName: 'site',
      imageOverride: 'registry.example/own',
      registryCredentialOverride: credential,
      imagePullCredentialsTypeOverride: 'SERVICE_ROLE',
      certificateOverride: 'bucket/certificate.pem',
      hostKernelOverride: 'LINUX_KERNEL_6',
    },
    identity,
  );
  expect(environment).toMatchObject({
    image: 'registry.example/own',
    registryCredential: credential,
    imagePullCredentialsType: 'SERVICE_ROLE',
    certificate: 'bucket/certificate.pem',
    hostKernel: 'LINUX_KERNEL_6',
  });
});
