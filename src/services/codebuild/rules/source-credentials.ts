import { isObject } from '../../../kernel/json.ts';
import { errors, type AuthType, type ImportSourceCredentialsInput, type ServerType, type SourceAuth, type SourceType } from '../api.gen.ts';

const invalid = (message: string) => errors.InvalidInputException(message);

const CONNECTION = /^arn:aws[\w-]*:(?:codestar-connections|codeconnections):[\w-]+:\d{12}:connection\/[\w-]+$/;
const SECRET = /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:.+$/;

/** What we call the hosts elsewhere: the provider types of connections. */
const PROVIDERS: Readonly<Record<ServerType, string>> = {
  GITHUB: 'GitHub',
  GITHUB_ENTERPRISE: 'GitHubEnterpriseServer',
  GITLAB: 'GitLab',
  GITLAB_SELF_MANAGED: 'GitLabSelfManaged',
  BITBUCKET: 'Bitbucket',
};

export function providerTypeOf(server: ServerType): string {
  return PROVIDERS[server];
}

/** The kind of server that a source lies on; undefined for sources that need no credentials of a git host. */
export function serverTypeOf(type: SourceType): ServerType | undefined {
  return Object.hasOwn(PROVIDERS, type) ? (type as ServerType) : undefined;
}

/** Where these kinds of server are; the others are wherever somebody runs them. */
const PUBLIC: Partial<Readonly<Record<ServerType, string>>> = { GITHUB: 'github.com', GITLAB: 'gitlab.com', BITBUCKET: 'bitbucket.org' };
const OWN_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Why an account's token for a kind of server is not for this one (an origin): whoever may name a source's location, a build among them, would
 * otherwise have it sent wherever he likes. Undefined where it is.
 */
export function misplaced(kind: ServerType, server: string): string | undefined {
  const { hostname } = new URL(server);
  const home = PUBLIC[kind];
  if (home === undefined || hostname === home || OWN_MACHINE.has(hostname)) return undefined;
  return `The source credentials for ${kind} are for ${home}, and are not sent to ${hostname}`;
}

/** Whether the token names the credentials rather than being them: such a token is shown as `resource`. */
export function isReference(auth: AuthType): boolean {
  return auth === 'CODECONNECTIONS' || auth === 'SECRETS_MANAGER';
}

/** What the model cannot say; throws InvalidInputException. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ImportSourceCredentials.html */
export function validateImport({ authType, serverType, username, token }: ImportSourceCredentialsInput): void {
  if (authType === 'OAUTH') throw invalid('An OAUTH connection is not supported by the API: use PERSONAL_ACCESS_TOKEN or CODECONNECTIONS');
  if (authType === 'BASIC_AUTH' && serverType !== 'BITBUCKET')
    throw invalid(`Auth type BASIC_AUTH is not valid for server type ${serverType}`);
  if (authType === 'BASIC_AUTH' && username === undefined) throw invalid('Username is required for auth type BASIC_AUTH');
  if (authType !== 'BASIC_AUTH' && username !== undefined) throw invalid(`Username is not valid for auth type ${authType}`);
  if (authType === 'CODECONNECTIONS' && !CONNECTION.test(token)) throw invalid('The token must be the ARN of a connection');
  if (authType === 'SECRETS_MANAGER' && !SECRET.test(token)) throw invalid('The token must be the ARN of a secret');
}

/** A source's own `auth`; throws InvalidInputException. */
export function validateAuth({ type, resource }: SourceAuth): void {
  if (type === 'CODECONNECTIONS' && !CONNECTION.test(resource ?? ''))
    throw invalid('Invalid source auth: resource must be the ARN of a connection for auth type CODECONNECTIONS');
  if (type === 'SECRETS_MANAGER' && !SECRET.test(resource ?? ''))
    throw invalid('Invalid source auth: resource must be the ARN of a secret for auth type SECRETS_MANAGER');
}

export interface Token {
  readonly token: string;
  readonly username?: string;
}

/**
 * Reads a secret of the form `{"ServerType": …, "AuthType": …, "Token": …}`, with a Username for BASIC_AUTH; undefined where it is none for
 * this kind of server. https://docs.aws.amazon.com/codebuild/latest/userguide/asm-create-secret.html
 */
export function readTokenSecret(text: string, server: ServerType): Token | undefined {
  const secret = parsed(text);
  if (!isObject(secret)) return undefined;
  const { ServerType: kind, AuthType: auth, Token: token, Username: username } = secret;
  if (kind !== server || typeof token !== 'string' || token === '') return undefined;
  if (auth === 'PERSONAL_ACCESS_TOKEN') return { token };
  return auth === 'BASIC_AUTH' && typeof username === 'string' && username !== '' ? { token, username } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The server and the repository of `https://HOST/OWNER/NAME.git`; undefined for other texts (ssh has keys of its own). */
export function repositoryOf(location: string): { readonly server: string; readonly repository: string } | undefined {
  if (!URL.canParse(location)) return undefined;
  const url = new URL(location);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  const repository = url.pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  return repository.includes('/') ? { server: url.origin, repository } : undefined;
}
