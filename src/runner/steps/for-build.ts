import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from '../../runtimes/runtime.ts';
import type { Buildspec } from '../../services/codebuild/rules/buildspec/types.ts';
import type { BuildJob } from '../../services/pipewright/api.gen.ts';
import type { Commands } from '../build/commands.ts';
import { PhaseFailure } from '../build/failure.ts';
import type { ResolvedSecrets } from '../build/secrets.ts';
import type { BuildTools } from '../build/tools.ts';
import { remoteOf } from '../source/download.ts';
import { fetchGit, type GitFetch } from '../source/git.ts';
import type { StepBuild } from './step-build.ts';
import { StepError } from './step-error.ts';
import { StepPhases } from './step-phase.ts';

const GITHUB = 'https://github.com';

interface Repository {
  readonly owner: string;
  readonly repository: string;
}

/** Where an action's repository is: below a base, or where a template says. */
export function actionUrl(base: string, { owner, repository }: Repository): string {
  if (base.includes('{repository}')) return base.replaceAll('{owner}', owner).replaceAll('{repository}', repository);
  return `${base.replace(/\/+$/, '')}/${owner}/${repository}`;
}

/** A login in the URL of a mirror is no part of what messages show. */
function withoutLogin(location: string): Pick<GitFetch, 'url' | 'credentials'> {
  if (!/^https?:/.test(location)) return { url: location };
  const url = new URL(location);
  const credentials = { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  if (url.username === '' && url.password === '') return { url: location };
  url.username = url.password = '';
  return { url: url.href, credentials };
}

function actionFetcher({ account, region, projectName, credentials }: BuildJob, tools: BuildTools): StepBuild['fetchAction'] {
  const { endpoint, signal, gitProtocols, mirrors, actionsUrl = GITHUB } = tools;
  return async ({ owner, repository, ref }, directory) => {
    const { url: location, credentials: login } = withoutLogin(actionUrl(actionsUrl, { owner, repository }));
    const isOurs = /^https?:\/\/git-codecommit\./.test(location);
    const source = { kind: isOurs ? ('CODECOMMIT' as const) : ('GIT' as const), location, ...(login && { login }) };
    const remote = remoteOf(source, { endpoint, region, credentials });
    // What every build may fetch is fetched once for all; what a role may, for its project.
    const project = isOurs ? `${account}/${region}/${projectName}` : 'actions';
    const wish = {
      what: `the action ${owner}/${repository}`,
      version: ref,
      depth: 1,
      submodules: false,
      insecureSsl: false,
      directory,
      signal,
    };
    const protocols = gitProtocols === undefined ? {} : { protocols: gitProtocols };
    try {
      await fetchGit({ ...remote, ...wish, ...protocols, ...(mirrors && { mirrors: { mirrors, project } }) });
    } catch (error) {
      if (error instanceof PhaseFailure) throw new StepError(`${error.message} (${location})`);
      throw error;
    }
    await rm(join(directory, '.git'), { recursive: true, force: true });
  };
}

export interface ReadyBuild {
  readonly workspace: Workspace;
  readonly revision: string | undefined;
  readonly secrets: ResolvedSecrets;
  readonly version: Buildspec['version'];
  readonly commands: Commands;
}

/** What runs the steps of a build, when its shell is open. */
export function stepPhases(job: BuildJob, tools: BuildTools, ready: ReadyBuild): StepPhases {
  const { workspace, revision, secrets, version, commands } = ready;
  return new StepPhases({
    job,
    workspace,
    sourceDirectory: workspace.source,
    revision,
    secrets: { ...secrets.spec, ...secrets.given },
    log: tools.log,
    container: tools.runtime.name === 'docker',
    keepsVariables: version === '0.2',
    async execute(script) {
      // A shell that was ended would be started anew.
      tools.signal.throwIfAborted();
      return commands.inShell(script);
    },
    async capture(command) {
      tools.signal.throwIfAborted();
      return (await commands.capture(command)).text;
    },
    fetchAction: actionFetcher(job, tools),
  });
}
