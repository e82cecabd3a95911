import type { FilterGroups, Project, WebhookFilterType } from '../api.gen.ts';
import type { WebhookTools } from '../operations/webhooks.ts';
import type { WebhookEvent } from '../rules/webhook/event.ts';
import { isWanted, openGroups, type Facts } from '../rules/webhook/filters.ts';
import { ANY_REPOSITORY, type WebhookSettings } from '../rules/webhook/validate.ts';
import { sourceAccess, type SourceAccess } from '../source-credentials/access.ts';
import type { WebhookRow } from './tables.ts';

/** A delivery for a project's webhook, with what it is for. */
export interface Hooked {
  readonly row: WebhookRow;
  readonly project: Project;
  readonly settings: WebhookSettings;
  readonly delivery: { readonly id: string; readonly agent: string | undefined };
  /** Ends what the host is asked meanwhile. */
  readonly signal: AbortSignal;
}

/** Where the event's repository is: the project's own, or for an organization's webhook what the delivery says. */
export function locationOf({ project }: Pick<Hooked, 'project'>, event: WebhookEvent): string {
  const location = project.source?.location ?? '';
  return location === ANY_REPOSITORY ? (event.cloneUrl ?? '') : location;
}

/** The host of the event's repository, opened; undefined without credentials. */
export function hostOf(tools: WebhookTools, hooked: Hooked, event: WebhookEvent): Promise<SourceAccess | undefined> {
  const { row, project } = hooked;
  const source = { ...project.source!, location: locationOf(hooked, event) };
  return sourceAccess(tools, source, { account: row.account, region: row.region, role: project.serviceRole ?? '' });
}

function asks(groups: FilterGroups, type: WebhookFilterType): boolean {
  return groups.some((group) => group.some((filter) => filter.type === type));
}

/** What the delivery does not tell and the filters want to know, asked of the host. */
async function factsOf(tools: WebhookTools, hooked: Hooked, event: WebhookEvent): Promise<Facts> {
  const { files, message, range, commit } = event;
  const told: Facts = { ...(files && { files }), ...(message !== undefined && { message }) };
  const groups = openGroups(hooked.settings.filterGroups ?? [], event);
  const of = !files && asks(groups, 'FILE_PATH') ? range : undefined;
  const head = message === undefined && asks(groups, 'COMMIT_MESSAGE') ? commit : undefined;
  const access = (of ?? head) ? await hostOf(tools, hooked, event) : undefined;
  if (!access) return told;
  const { host, repository } = access;
  return {
    ...told,
    ...(of && { files: await tools.hosts.changedFiles(host, repository, of, hooked.signal) }),
    ...(head !== undefined && { message: await tools.hosts.commitMessage(host, repository, head, hooked.signal) }),
  };
}

/** Whether the event starts a build. Rejects with code HostRefused or HostUnreachable where that cannot be told. */
export async function wanted(tools: WebhookTools, hooked: Hooked, event: WebhookEvent): Promise<boolean> {
  // Each project has a label of its own: https://docs.aws.amazon.com/codebuild/latest/userguide/action-runner.html
  if (event.label !== undefined && !event.label.startsWith(`codebuild-${hooked.project.name}-`)) return false;
  return isWanted(hooked.settings, event, await factsOf(tools, hooked, event));
}
