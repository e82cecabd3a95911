import { dirname } from 'node:path/posix';
import type { BuildspecEnv } from '../../services/codebuild/rules/buildspec/types.ts';
import type { ResolvedSecrets } from './secrets.ts';
import type { BuildCredentials, BuildJob } from '../../services/pipewright/api.gen.ts';

export type Env = Record<string, string>;

const asEnv = (pairs: readonly { readonly name: string; readonly value: string }[]): Env =>
  Object.fromEntries(pairs.map(({ name, value }) => [name, value]));

/**
 * The environment of a build's commands. What the call that started the build gave wins over the project, and both over the buildspec
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html); nothing is expanded.
 * Within a buildspec, what comes from a store wins over its plain variables. Nobody redefines CODEBUILD_*;
 * region and endpoint (AWS_*) are only there unless somebody says otherwise.
 */
export function buildEnvironment(job: BuildJob, spec: BuildspecEnv, secrets: Pick<ResolvedSecrets, 'given' | 'spec'>, builtin: Env): Env {
  const reserved = job.builtinVariables.filter(({ name }) => name.startsWith('CODEBUILD_'));
  const given = { ...asEnv(job.variables), ...secrets.given };
  return { ...asEnv(job.builtinVariables), ...spec.variables, ...secrets.spec, ...given, ...asEnv(reserved), ...builtin };
}

/** The variables that only the runner knows. Folder names of secondary sources keep their identifiers. */
export function runnerVariables(sourceDir: string, secondary: ReadonlyMap<string, string>, revision: string | undefined): Env {
  return {
    CODEBUILD_SRC_DIR: sourceDir,
    ...Object.fromEntries([...secondary].map(([identifier, folder]) => [`CODEBUILD_SRC_DIR_${identifier}`, folder])),
    ...(revision !== undefined && { CODEBUILD_RESOLVED_SOURCE_VERSION: revision }),
    CODEBUILD_BUILD_SUCCEEDING: '1',
  };
}

/**
 * The credentials themselves, for containers that reach the server at an address which SDKs fetch none from: over plain HTTP they trust
 * the loopback and AWS's own addresses only.
 */
export function keyVariables(credentials: BuildCredentials | undefined): Env {
  if (!credentials) return {};
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken };
}

const inPath = (token: string): string => token.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** What no log shows of them: until the build has ended, whoever reads it could act as its service role. */
export function credentialSecrets(credentials: BuildCredentials | undefined): readonly string[] {
  const { secretAccessKey, sessionToken, authorizationToken } = credentials ?? {};
  const path = authorizationToken === undefined ? undefined : inPath(authorizationToken);
  return [secretAccessKey, sessionToken, authorizationToken, path].filter((value) => value !== undefined);
}

/**
 * Where the commands' SDKs fetch the service role's credentials: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 * `relative`: at AWS's own address as well. Scripts ask it without a header, and so the token is in the path.
 */
export function credentialVariables(endpoint: string, credentials: BuildCredentials | undefined, relative: boolean): Env {
  const { relativeUri, authorizationToken } = credentials ?? {};
  if (relativeUri === undefined || authorizationToken === undefined) return {};
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}${relativeUri}`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: authorizationToken,
    ...(relative && { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: `${dirname(relativeUri)}/${inPath(authorizationToken)}` }),
  };
}
