import type { PipewrightClient } from '../../client/client.ts';
import { isObject } from '../../kernel/json.ts';
import type { RegistryLogin } from '../../runtimes/runtime.ts';
import { parseSecretReference, type SecretReference } from '../../services/codebuild/rules/secret-reference.ts';
import type { BuildspecEnv } from '../../services/codebuild/rules/buildspec/types.ts';
import type { BuildJob } from '../../services/pipewright/api.gen.ts';
import { insist, isPassing } from '../client.ts';
import { textsWithin } from '../output/secret-forms.ts';
import { clientError, PhaseFailure } from './failure.ts';

/** A variable whose value stands in a store. */
export interface Reference {
  readonly name: string;
  readonly type: 'PARAMETER_STORE' | 'SECRETS_MANAGER';
  readonly value: string;
}

type Env = Readonly<Record<string, string>>;

export interface ResolvedSecrets {
  /** What the project, or the call that started the build, asked for. */
  readonly given: Env;
  /** What the buildspec asks for. */
  readonly spec: Env;
  /** All that must not be seen in the log. */
  readonly hidden: readonly string[];
}

/** Under the build's own credentials: what its role may not read it does not get. */
export type SecretStores = Pick<PipewrightClient, 'ssm' | 'secretsmanager'>;

export interface SecretTools {
  readonly aws: SecretStores;
  readonly signal: AbortSignal;
}

export const NO_SECRETS: ResolvedSecrets = { given: {}, spec: {}, hidden: [] };

const STORES = { PARAMETER_STORE: 'Parameter Store', SECRETS_MANAGER: 'Secrets Manager' } as const;

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const MOST_AT_ONCE = 10;
/** How long a server that is away is waited for, ms. */
const PATIENCE_MS = 60_000;

/** The phase contexts' status codes, as CodeBuild's agent writes them. */
const PARAMETER_ERROR = 'Decrypted Variables Error';
const SECRET_ERROR = 'Secrets Manager Error';

/** The buildspec's references that nobody overrides: Secrets Manager wins over Parameter Store. */
function specReferences(job: BuildJob, { parameterStore, secretsManager }: BuildspecEnv): readonly Reference[] {
  const overridden = new Set([...job.variables, ...(job.references ?? [])].map(({ name }) => name));
  const byName = new Map<string, Reference>();
  for (const [name, value] of Object.entries(parameterStore)) byName.set(name, { name, type: 'PARAMETER_STORE', value });
  for (const [name, value] of Object.entries(secretsManager)) byName.set(name, { name, type: 'SECRETS_MANAGER', value });
  return [...byName.values()].filter(({ name }) => !overridden.has(name));
}

/** A call whose refusal is the phase's failure; a server that cannot be reached is not the user's doing. */
async function asked<T>(statusCode: string, { signal }: SecretTools, call: () => Promise<T>): Promise<T> {
  try {
    return await insist(call, signal, PATIENCE_MS);
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (signal.aborted || isPassing(error) || code === undefined) throw error;
    throw new PhaseFailure(statusCode, message === '' ? code : `${code}: ${message}`);
  }
}

async function parameters(names: readonly string[], tools: SecretTools): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (let at = 0; at < names.length; at += MOST_AT_ONCE) {
    const Names = names.slice(at, at + MOST_AT_ONCE);
    const answer = await asked(PARAMETER_ERROR, tools, () => tools.aws.ssm.getParameters({ Names, WithDecryption: true }));
    const [missing] = answer.InvalidParameters ?? [];
    if (missing !== undefined) throw new PhaseFailure(PARAMETER_ERROR, `parameter does not exist: ${missing}`);
    for (const { Name = '', ARN = '', Selector = '', Value = '' } of answer.Parameters ?? []) {
      found.set(`${Name}${Selector}`, Value);
      found.set(`${ARN}${Selector}`, Value);
    }
  }
  return found;
}

/** The value at a key of a secret that is a JSON object; what is no text as JSON. */
function atKey(text: string, { secretId, jsonKey = '' }: SecretReference): string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's message would quote the secret.
    document = undefined;
  }
  if (!isObject(document)) throw new PhaseFailure(SECRET_ERROR, `The secret ${secretId} is no JSON object, and so has no key ${jsonKey}`);
  if (!Object.hasOwn(document, jsonKey)) throw new PhaseFailure(SECRET_ERROR, `The secret ${secretId} has no key ${jsonKey}`);
  const value = document[jsonKey];
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function textOf({ secretId, versionStage, versionId }: SecretReference, tools: SecretTools): Promise<string> {
  const input = {
    SecretId: secretId,
    ...(versionStage !== undefined && { VersionStage: versionStage }),
    ...(versionId !== undefined && { VersionId: versionId }),
  };
  const { SecretString } = await asked(SECRET_ERROR, tools, () => tools.aws.secretsmanager.getSecretValue(input));
  if (SecretString === undefined) throw new PhaseFailure(SECRET_ERROR, `The secret ${secretId} is binary, and text is wanted`);
  return SecretString;
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/sample-private-registry.html: a secret with the keys username and password. */
export async function registryLogin(credential: string, tools: SecretTools): Promise<RegistryLogin> {
  const text = await textOf({ secretId: credential }, tools);
  const key = (jsonKey: string): string => atKey(text, { secretId: credential, jsonKey });
  return { username: key('username'), password: key('password') };
}

/** Reads each version of a secret once, however many variables take parts of it. */
function secretReader(tools: SecretTools): (reference: string) => Promise<string> {
  const read = new Map<string, Promise<string>>();
  return async (text) => {
    const reference = parseSecretReference(text);
    if (!reference) throw new PhaseFailure(SECRET_ERROR, `${text} is not of the form secret-id:json-key:version-stage:version-id`);
    const key = JSON.stringify([reference.secretId, reference.versionStage, reference.versionId]);
    if (!read.has(key)) read.set(key, textOf(reference, tools));
    const whole = await read.get(key)!;
    return reference.jsonKey === undefined ? whole : atKey(whole, reference);
  };
}

/**
 * Fetches what the build's variables refer to. Throws a PhaseFailure for the first that is not to be had; without stores (a build without
 * a server) that is the first there is.
 */
export async function resolveSecrets(
  job: BuildJob,
  spec: BuildspecEnv,
  aws: SecretStores | undefined,
  signal: AbortSignal,
): Promise<ResolvedSecrets> {
  const given = job.references ?? [];
  const fromSpec = specReferences(job, spec);
  const all = [...given, ...fromSpec];
  const [first] = all;
  if (!first) return NO_SECRETS;
  if (!aws)
    throw clientError(`${first.name} comes from ${STORES[first.type]}, and this build has no server to ask: give the variable a value`);
  const tools = { aws, signal };
  const names = all.filter(({ type }) => type === 'PARAMETER_STORE').map(({ value }) => value);
  const values = await parameters([...new Set(names)], tools);
  const secret = secretReader(tools);
  const found = new Map<Reference, string>();
  for (const reference of all) {
    const value = reference.type === 'PARAMETER_STORE' ? values.get(reference.value) : await secret(reference.value);
    if (value === undefined) throw new PhaseFailure(PARAMETER_ERROR, `parameter does not exist: ${reference.value}`);
    if (value.includes('\0'))
      throw new PhaseFailure(PARAMETER_ERROR, `the value for ${reference.name} has a zero byte: no variable can hold it`);
    found.set(reference, value);
  }
  const env = (references: readonly Reference[]): Env => Object.fromEntries(references.map((one) => [one.name, found.get(one)!]));
  const hidden = [...found].flatMap(([{ type }, value]) => [value, ...(type === 'SECRETS_MANAGER' ? textsWithin(value) : [])]);
  return { given: env(given), spec: env(fromSpec), hidden };
}

/** No secrets, and the example of https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html exports one. */
const REGIONS = new Set(['AWS_REGION', 'AWS_DEFAULT_REGION']);

/**
 * Which of the exported-variables are exported: secrets are not, nor is what begins with AWS_
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.exported-variables), but for the region.
 */
export function exportable(
  names: readonly string[],
  secrets: ResolvedSecrets,
): { readonly may: readonly string[]; readonly not: readonly string[] } {
  const isSecret = (name: string) =>
    Object.hasOwn(secrets.given, name) || Object.hasOwn(secrets.spec, name) || (name.startsWith('AWS_') && !REGIONS.has(name));
  return { may: names.filter((name) => !isSecret(name)), not: names.filter(isSecret) };
}
