import type { Clock } from '../../kernel/clock.ts';
import type { Principal } from '../../ports/authorise.ts';
import type { Credentials } from '../../ports/credentials.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import { BUILD_USER } from '../../kernel/git-build-user.ts';
import { verifyGitPassword } from '../../protocol/sigv4/git-password.ts';
import { openBuildToken } from '../build-token.ts';

/** What a git request says about who sends it. */
export interface GitLogin {
  readonly username: string;
  readonly password: string;
  /** The path of the repository, as sent. */
  readonly path: string;
  /** The Host header. */
  readonly host: string;
}

export type Authenticate = (login: GitLogin | undefined) => Promise<Principal | undefined>;

export interface AuthenticateTools {
  readonly credentials: Credentials;
  readonly secrets: SecretBox;
  /** The user whose git credentials these are (IAM's service-specific credentials). */
  gitCredentials(username: string, password: string): Promise<Principal | undefined>;
  /** Regions that a helper may have signed for, the likeliest first. */
  regions(host: string): Promise<readonly string[]>;
  readonly clock: Clock;
}

/** User name and password of an Authorization header; undefined where there are none. */
export function basicLogin(header: string | undefined): { readonly username: string; readonly password: string } | undefined {
  const match = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '');
  if (!match) return undefined;
  const text = Buffer.from(match[1]!, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Forms in which git may have told the helper the path it asked for. */
function pathForms(path: string): string[] {
  return path.endsWith('.git') ? [path, path.slice(0, -4)] : [path, `${path}/`, `${path}.git`];
}

/** Whose build this token was given to; undefined once it has ended. */
async function ofBuild({ secrets, credentials, clock }: AuthenticateTools, token: string): Promise<Principal | undefined> {
  const opened = openBuildToken(secrets, token);
  const found = opened && (await credentials.find(opened.accessKeyId));
  return found && (found.expires ?? 0) > clock.now() ? found.principal : undefined;
}

/** Git credentials of a user, a build's authorization token, or the password that `aws codecommit credential-helper` computes from an access key. */
export function gitAuthenticator(tools: AuthenticateTools): Authenticate {
  return async (login) => {
    if (!login) return undefined;
    const { username, password, path, host } = login;
    if (username === BUILD_USER) return ofBuild(tools, password);
    if (!/^A[KS]IA/.test(username)) return tools.gitCredentials(username, password);
    const signed = { username, password, host, paths: pathForms(path), regions: await tools.regions(host) };
    return (await verifyGitPassword(signed, tools.credentials, tools.clock.now()))?.principal;
  };
}
