import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_USER } from '../../kernel/git-build-user.ts';
import { quote } from '../../kernel/shell-quote.ts';
import type { Workspace } from '../../runtimes/runtime.ts';
import type { BuildJob } from '../../services/pipewright/api.gen.ts';
import type { BuildTools } from './tools.ts';

/** What an answer to git is, as a helper of one line; the token is the environment's, and stands in no file. */
const HELPER = `!f() { test \\"$1\\" = get && echo 'username=${BUILD_USER}' && echo \\"password=$AWS_CONTAINER_AUTHORIZATION_TOKEN\\"; }; f`;

export interface GitReach {
  /** The server's base URL as the runner says it, and with it the remotes of the build's sources. */
  readonly endpoint: string;
  /** As the build must say it. */
  readonly reached: string;
  readonly region: string;
}

/**
 * Git's configuration for a build with `git-credential-helper: yes`: its token opens the repositories of our server, and the URLs that AWS
 * has for them lead there. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.git-credential-helper
 */
export function gitConfig({ endpoint, reached, region }: GitReach): string {
  const repositories = [
    `https://git-codecommit.${region}.amazonaws.com/v1/repos/`,
    `https://git-codecommit-fips.${region}.amazonaws.com/v1/repos/`,
    // Of git-remote-codecommit, which then is not needed.
    `codecommit::${region}://`,
    'codecommit://',
  ];
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [`credential "${reached}"`, ['helper =', `helper = "${HELPER}"`]],
    [`url "${reached}/v1/repos/"`, repositories.map((url) => `insteadOf = ${url}`)],
    [`url "${reached}/"`, endpoint === reached ? [] : [`insteadOf = ${endpoint}/`]],
  ];
  const filled = sections.filter(([, lines]) => lines.length > 0);
  return filled.map(([title, lines]) => [`[${title}]`, ...lines.map((line) => `\t${line}`), ''].join('\n')).join('');
}

/** Writes the configuration; the command that puts it into effect in the build's shell. Undefined where there is no server to log in at. */
export async function gitHelper(job: BuildJob, { endpoint }: BuildTools, workspace: Workspace): Promise<string | undefined> {
  if (job.credentials?.authorizationToken === undefined) return undefined;
  const file = join(workspace.root, 'gitconfig');
  await writeFile(file, gitConfig({ endpoint, reached: workspace.endpoint ?? endpoint, region: job.region }), { mode: 0o644 });
  // In HOME, which only the shell knows in an image; what commands configure later is added there, too.
  return `(printf '[include]\\n\\tpath = "%s"\\n' ${quote(file)} >>"\${HOME:-/root}/.gitconfig") 2>/dev/null`;
}
