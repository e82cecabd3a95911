import { PipewrightError } from '../../../kernel/errors.ts';
import type { HookPlace, HookSubject, MadeHook } from '../../../kernel/git-hooks/host.ts';
import type { GitHostAccess } from '../../../ports/git-hosts.ts';
import { errors, type Project, type ServerType } from '../api.gen.ts';
import type { WebhookEventType } from '../rules/webhook/event.ts';
import { wantedEvents } from '../rules/webhook/filters.ts';
import { ANY_REPOSITORY, type WebhookSettings } from '../rules/webhook/validate.ts';
import { sourceAccess, type SourceAccessTools } from '../source-credentials/access.ts';

const SERVERS: Readonly<Record<ServerType, string>> = {
  GITHUB: 'https://github.com',
  GITHUB_ENTERPRISE: 'https://github.com',
  GITLAB: 'https://gitlab.com',
  GITLAB_SELF_MANAGED: 'https://gitlab.com',
  BITBUCKET: 'https://bitbucket.org',
};

export interface HookOwner {
  readonly project: Project;
  readonly account: string;
  readonly region: string;
  readonly server: ServerType;
  readonly settings: WebhookSettings;
}

function subjectOf(event: WebhookEventType): HookSubject {
  if (event === 'PUSH') return 'push';
  if (event === 'WORKFLOW_JOB_QUEUED') return 'workflowJob';
  return event === 'RELEASED' || event === 'PRERELEASED' ? 'release' : 'pullRequest';
}

function subjectsOf(settings: WebhookSettings): readonly HookSubject[] {
  const wanted = new Set([...wantedEvents(settings)].map(subjectOf));
  const approvals = settings.pullRequestBuildPolicy && settings.pullRequestBuildPolicy.requiresCommentApproval !== 'DISABLED';
  return [...wanted, ...(approvals ? ['comment' as const] : [])].toSorted();
}

/** An organization's webhook is of no one repository; any of its own leads to the host. */
function locationOf({ project, server, settings: { scopeConfiguration: scope } }: HookOwner): string {
  const location = project.source?.location ?? '';
  if (location !== ANY_REPOSITORY || !scope) return location;
  return `${scope.domain === undefined ? SERVERS[server] : `https://${scope.domain}`}/${scope.name}/any`;
}

/** The host of a project's source, and where in it the webhook is; undefined without credentials. */
async function hostOf(tools: SourceAccessTools, owner: HookOwner): Promise<{ host: GitHostAccess; place: HookPlace } | undefined> {
  const { project, account, region, settings } = owner;
  const source = { ...project.source!, location: locationOf(owner) };
  const access = await sourceAccess(tools, source, { account, region, role: project.serviceRole ?? '' });
  if (!access) return undefined;
  const { scopeConfiguration: scope } = settings;
  return { host: access.host, place: scope ? { organization: scope.name } : { repository: access.repository } };
}

const HOST_ERRORS = new Set(['HostRefused', 'HostUnreachable', 'ConnectionUnavailable', 'AccessDenied', 'SecretUnusable']);

/** What the git host refuses is the caller's to mend. */
async function asProviderError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PipewrightError && HOST_ERRORS.has(error.code)) throw errors.OAuthProviderException(error.message);
    throw error;
  }
}

/** Whether people make the webhook themselves, as they always do at a GitHub Enterprise Server: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-github-enterprise.html */
export function isManual({ server, settings }: Pick<HookOwner, 'server' | 'settings'>): boolean {
  return settings.manualCreation === true || server === 'GITHUB_ENTERPRISE';
}

/** Makes or changes the webhook at the git host. Throws ResourceNotFoundException without credentials, OAuthProviderException where it is refused. */
export function register(
  tools: SourceAccessTools,
  owner: HookOwner,
  hook: { readonly url: string; readonly secret: string; readonly id?: string },
): Promise<MadeHook> {
  const work = async () => {
    const found = await hostOf(tools, owner);
    if (!found) throw errors.ResourceNotFoundException(`Could not find access token for server type ${owner.server.toLowerCase()}`);
    const { url, secret, id } = hook;
    return tools.hosts.putHook(found.host, found.place, { url, secret, subjects: subjectsOf(owner.settings) }, id);
  };
  return asProviderError(work());
}

/** Removes it again; where the credentials are gone, nobody can. */
export function unregister(tools: SourceAccessTools, owner: HookOwner, id: string): Promise<void> {
  const work = async () => {
    const found = await hostOf(tools, owner);
    if (found) await tools.hosts.removeHook(found.host, found.place, id);
  };
  return asProviderError(work());
}

/** Whether the host has to be told of new settings. */
export function tellsOthers(before: WebhookSettings, after: WebhookSettings): boolean {
  return subjectsOf(before).join() !== subjectsOf(after).join();
}
