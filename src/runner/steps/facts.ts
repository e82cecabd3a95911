import type { BuildJob } from '../../services/pipewright/api.gen.ts';

/** What the `github` context and the GITHUB_* variables say of a build, as far as it is known. */
export type GithubFacts = Readonly<Record<string, string>>;

export interface FactsOf {
  readonly job: BuildJob;
  /** The commit, where the source has one. */
  readonly revision: string | undefined;
  readonly workspace: string;
  readonly token: string | undefined;
  readonly eventPath: string;
  /** The build's phase. */
  readonly phase: string;
}

const GITHUB = 'https://github.com';

interface Repository {
  readonly server: string;
  readonly name: string;
}

/** `owner/name` and where it is. Repositories of CodeCommit belong to an account. */
function repositoryOf({ source: { kind, location = '' }, account }: BuildJob): Repository | undefined {
  if (kind !== 'GIT' && kind !== 'CODECOMMIT') return undefined;
  const codeCommit = /\/v1\/repos\/([^/?#]+)\/?$/.exec(location)?.[1];
  if (codeCommit !== undefined) return { server: GITHUB, name: `${account}/${codeCommit}` };
  const [, host = '', path = ''] = /^(?:[a-z]+:\/\/)?(?:[^@/]*@)?([^/:]+)(?::\d+(?=\/))?[/:](.+?)(?:\.git)?\/?$/i.exec(location) ?? [];
  const [owner, name] = path.split('/').slice(-2);
  if (owner === undefined || name === undefined) return undefined;
  return { server: /^https?:/.test(location) ? new URL(location).origin : `https://${host}`, name: `${owner}/${name}` };
}

function refOf(version: string | undefined, webhookHead: string | undefined): string | undefined {
  const pull = /^pr\/(\d+)$/.exec(version ?? '');
  if (pull) return `refs/pull/${pull[1]}/merge`;
  if (webhookHead !== undefined) return webhookHead;
  if (version === undefined || version === '' || /^[0-9a-f]{40}$/.test(version)) return undefined;
  const [name = ''] = version.split('^{');
  return name.startsWith('refs/') ? name : `refs/heads/${name}`;
}

const shortOf = (ref: string): string => ref.replace(/^refs\/(?:heads|tags|pull)\//, '');

function eventOf(webhook: string | undefined): string {
  if (webhook === undefined) return 'workflow_dispatch';
  return webhook.startsWith('PULL_REQUEST') ? 'pull_request' : webhook.toLowerCase();
}

const known = (facts: Readonly<Record<string, string | undefined>>): GithubFacts =>
  Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context; what has no meaning here is absent. */
export function githubFacts({ job, revision, workspace, token, eventPath, phase }: FactsOf): GithubFacts {
  const builtin = new Map(job.builtinVariables.map(({ name, value }) => [name, value]));
  const repository = repositoryOf(job);
  const ref = repository && refOf(job.source.version, builtin.get('CODEBUILD_WEBHOOK_HEAD_REF'));
  const server = repository?.server ?? GITHUB;
  const base = builtin.get('CODEBUILD_WEBHOOK_BASE_REF');
  return known({
    workflow: job.projectName,
    job: phase,
    run_id: String(job.buildNumber),
    run_number: String(job.buildNumber),
    run_attempt: '1',
    actor: builtin.get('CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID') ?? job.initiator,
    triggering_actor: builtin.get('CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID') ?? job.initiator,
    event_name: eventOf(builtin.get('CODEBUILD_WEBHOOK_EVENT')),
    event_path: eventPath,
    workspace,
    server_url: server,
    api_url: server === GITHUB ? 'https://api.github.com' : `${server}/api/v3`,
    graphql_url: server === GITHUB ? 'https://api.github.com/graphql' : `${server}/api/graphql`,
    repository: repository?.name,
    repository_owner: repository?.name.split('/')[0],
    sha: revision !== undefined && /^[0-9a-f]{40}$/.test(revision) ? revision : undefined,
    ref,
    ref_name: ref && shortOf(ref),
    ref_type: ref && (ref.startsWith('refs/tags/') ? 'tag' : 'branch'),
    head_ref: base === undefined ? '' : shortOf(builtin.get('CODEBUILD_WEBHOOK_HEAD_REF') ?? ''),
    base_ref: base === undefined ? '' : shortOf(base),
    token,
  });
}

/** The token is no variable: who wants it in one says so. */
export const githubVariables = (facts: GithubFacts): Record<string, string> =>
  Object.fromEntries(
    Object.entries(facts)
      .filter(([name]) => name !== 'token')
      .map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]),
  );

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'X64', arm64: 'ARM64', arm: 'ARM', ia32: 'X86' };

/** https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#runner-context */
export function runnerFacts(folders: { readonly temp: string; readonly toolCache: string }, container: boolean): Record<string, string> {
  return {
    name: 'Pipewright',
    os: process.platform === 'darwin' && !container ? 'macOS' : 'Linux',
    arch: ARCHITECTURES[process.arch] ?? process.arch.toUpperCase(),
    environment: 'self-hosted',
    temp: folders.temp,
    tool_cache: folders.toolCache,
  };
}
