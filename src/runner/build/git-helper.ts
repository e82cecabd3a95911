import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_USER } from '../../kernel/git-build-user.ts';
import { quote } from '../../kernel/shell-quote.ts';
import type { Workspace } from '../../runtimes/runtime.ts';
import type { BuildJob } from '../../services/pipewright/api.gen.ts';
import type { BuildTools } from './tools.ts';

/** What an answer to git is, as a helper of one line; the token is the environment's, and stands in no file. */
const HELPER = `!f() { test \\"$1\\" = get && echo 'username=${BUILD_USER}' && echo \\"password=$AWS_CONTAINER_AUTHORIZATION_TOKEN\\"; }; f`;

/** What opens a repository elsewhere. */
export interface HostLogin {
  /** `https://github.com` */
  readonly origin: string;
  readonly username: string;
  readonly password: string;
}

export interface GitReach {
  /** The server's base URL as the runner says it, and with it the remotes of the build's sources. */
  readonly endpoint: string;
  /** As the build must say it. */
  readonly reached: string;
  readonly region: string;
  /** A file of git-credential-store, for each of these origins. */
  readonly store: string;
  readonly origins: readonly string[];
}

/** The logins of the build's own sources, one for each host. */
export function hostLogins({ source, secondarySources }: Pick<BuildJob, 'source' | 'secondarySources'>): readonly HostLogin[] {
  const byOrigin = new Map<string, HostLogin>();
  for (const { location = '', login } of [source, ...secondarySources]) {
    if (!login || !/^https?:/.test(location)) continue;
    const { origin } = new URL(location);
    if (!byOrigin.has(origin)) byOrigin.set(origin, { origin, ...login });
  }
  return [...byOrigin.values()];
}

/** https://git-scm.com/docs/git-credential-store#_storage_format */
function stored({ origin, username, password }: HostLogin): string {
  const { protocol, host } = new URL(origin);
  return `${protocol}//${encodeURIComponent(username)}:${encodeURIComponent(password)}@${host}\n`;
}

/**
 * Git's configuration for a build with `git-credential-helper: yes`: its token opens the repositories of our server, and the URLs that AWS
 * has for them lead there; what opened the build's sources elsewhere opens their hosts. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.git-credential-helper
 */
export function gitConfig({ endpoint, reached, region, store, origins }: GitReach): string {
  const repositories = [
    `https://git-codecommit.${region}.amazonaws.com/v1/repos/`,
    `https://git-codecommit-fips.${region}.amazonaws.com/v1/repos/`,
    // Of git-remote-codecommit, which then is not needed.
    `codecommit::${region}://`,
    'codecommit://',
  ];
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [`credential "${reached}"`, ['helper =', `helper = "${HELPER}"`]],
    ...origins.map((origin) => [`credential "${origin}"`, ['helper =', `helper = "store --file=${quote(store)}"`]] as const),
    [`url "${reached}/v1/repos/"`, repositories.map((url) => `insteadOf = ${url}`)],
    [`url "${reached}/"`, endpoint === reached ? [] : [`insteadOf = ${endpoint}/`]],
  ];
  const filled = sections.filter(([, lines]) => lines.length > 0);
  return filled.map(([title, lines]) => [`[${title}]`, ...lines.map((line) => `\t${line}`), ''].join('\n')).join('');
}

/** Writes the configuration; the command that puts it into effect in the build's shell. Undefined where there is no server to log in at. */
export async function gitHelper(job: BuildJob, { endpoint }: BuildTools, workspace: Workspace): Promise<string | undefined> {
  if (job.credentials?.authorizationToken === undefined) return undefined;
  const [file, store] = [join(workspace.root, 'gitconfig'), join(workspace.root, 'git-credentials')];
  const logins = hostLogins(job);
  const origins = logins.map(({ origin }) => origin);
  const reach = { endpoint, reached: workspace.endpoint ?? endpoint, region: job.region, store, origins };
  // Whoever the build runs as reads them; nobody else comes into the folder.
  await writeFile(file, gitConfig(reach), { mode: 0o644 });
  if (logins.length > 0) await writeFile(store, logins.map(stored).join(''), { mode: 0o644 });
  // In HOME, which only the shell knows in an image; what commands configure later is added there, too.
  return `(printf '[include]\\n\\tpath = "%s"\\n' ${quote(file)} >>"\${HOME:-/root}/.gitconfig") 2>/dev/null`;
}
