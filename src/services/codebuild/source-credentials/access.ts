import { PipewrightError, messageOf } from '../../../kernel/errors.ts';
import type { Reader } from '../../../ports/database.ts';
import type { GitHostAccess, GitHosts } from '../../../ports/git-hosts.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { Aws } from '../../aws.gen.ts';
import type { ProjectSource, ServerType } from '../api.gen.ts';
import { misplaced, providerTypeOf, readTokenSecret, repositoryOf, serverTypeOf, type Token } from '../rules/source-credentials.ts';
import { sourceCredentialSql as sql, type SourceCredentialsRow } from './tables.ts';

export interface SourceAccessTools {
  readonly db: Reader;
  readonly secrets: SecretBox;
  readonly aws: Aws;
  readonly hosts: GitHosts;
}

/** Whose source it is: a project's role, in its account and region. */
export interface SourceUser {
  readonly account: string;
  readonly region: string;
  readonly role: string;
}

/** A repository and the host it lies on, opened. */
export interface SourceAccess {
  readonly host: GitHostAccess;
  /** `owner/name`. */
  readonly repository: string;
}

/** Where credentials come from, wherever that was said. */
type Origin = { readonly connection: string } | { readonly secret: string } | Token;

async function originOf(
  tools: SourceAccessTools,
  server: ServerType,
  { auth }: ProjectSource,
  user: SourceUser,
): Promise<Origin | undefined> {
  // The source's own word goes before the account's credentials for that kind of server; OAUTH means these.
  if (auth?.type === 'CODECONNECTIONS') return { connection: auth.resource ?? '' };
  if (auth?.type === 'SECRETS_MANAGER') return { secret: auth.resource ?? '' };
  const row = await tools.db.get<SourceCredentialsRow>(sql.get, user.account, user.region, server);
  if (!row) return undefined;
  if (row.resource !== null) return row.auth === 'CODECONNECTIONS' ? { connection: row.resource } : { secret: row.resource };
  return { token: tools.secrets.open(row.token ?? ''), ...(row.username !== null && { username: row.username }) };
}

async function fromSecret(tools: SourceAccessTools, server: ServerType, arn: string, user: SourceUser): Promise<Token> {
  const { secretsmanager } = tools.aws.as({ ...user, session: 'AWSCodeBuild-source', purpose: 'build' });
  const unusable = (why: string) => new PipewrightError('SecretUnusable', `The secret ${arn} cannot be used for the source: ${why}`);
  const { SecretString = '' } = await secretsmanager.getSecretValue({ SecretId: arn }).catch((error: unknown) => {
    throw unusable(messageOf(error));
  });
  const token = readTokenSecret(SecretString, server);
  if (!token) throw unusable(`it holds no ServerType ${server} with AuthType and Token`);
  return token;
}

/**
 * Opens the git host of a source; undefined where nobody has given credentials for it, or where it is none that takes any.
 * Rejects with codes SecretUnusable, ConnectionUnavailable and AccessDenied.
 */
export async function sourceAccess(tools: SourceAccessTools, source: ProjectSource, user: SourceUser): Promise<SourceAccess | undefined> {
  const server = serverTypeOf(source.type);
  const place = repositoryOf(source.location ?? '');
  if (!server || !place) return undefined;
  const origin = await originOf(tools, server, source, user);
  if (!origin) return undefined;
  const { repository } = place;
  const problem = 'token' in origin ? misplaced(server, place.server) : undefined;
  if (problem !== undefined) throw new PipewrightError('AccessDenied', problem);
  if ('connection' in origin) return { repository, host: await tools.hosts.ofConnection(origin.connection, user) };
  const token = 'secret' in origin ? await fromSecret(tools, server, origin.secret, user) : origin;
  return { repository, host: { providerType: providerTypeOf(server), server: place.server, ...token } };
}
