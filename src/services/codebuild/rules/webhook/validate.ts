import {
  errors,
  type CreateWebhookInput,
  type FilterGroup,
  type Project,
  type PullRequestBuildPolicy,
  type ServerType,
  type WebhookFilterType,
} from '../../api.gen.ts';
import { repositoryOf, serverTypeOf } from '../source-credentials.ts';
import { WEBHOOK_EVENTS, type WebhookEventType } from './event.ts';
import { eventsOf } from './filters.ts';
import { compile } from './matches.ts';

const invalid = (message: string) => errors.InvalidInputException(message);

/** Names the source of projects whose webhook is that of an organization: https://docs.aws.amazon.com/codebuild/latest/userguide/github-global-organization-webhook.html */
export const ANY_REPOSITORY = 'CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION';

/** Events that Bitbucket does not have. */
const NOT_BITBUCKET: ReadonlySet<string> = new Set(['PULL_REQUEST_REOPENED', 'RELEASED', 'PRERELEASED', 'WORKFLOW_JOB_QUEUED']);
/** Filters that are about some events only. */
const ONLY: Partial<Record<WebhookFilterType, readonly WebhookEventType[]>> = {
  TAG_NAME: ['RELEASED', 'PRERELEASED'],
  RELEASE_NAME: ['RELEASED', 'PRERELEASED'],
  WORKFLOW_NAME: ['WORKFLOW_JOB_QUEUED'],
};

export type WebhookSettings = Pick<
  CreateWebhookInput,
  'branchFilter' | 'filterGroups' | 'buildType' | 'manualCreation' | 'scopeConfiguration' | 'pullRequestBuildPolicy'
>;

/** The kind of server a project's webhook is of; throws InvalidInputException where the project can have none. */
export function webhookServer({ source }: Project, { scopeConfiguration: scope }: WebhookSettings): ServerType {
  const server = source && serverTypeOf(source.type);
  if (!server) throw invalid(`Webhooks are not supported for source type ${source?.type ?? 'NO_SOURCE'}`);
  const anyRepository = source.location === ANY_REPOSITORY;
  if (anyRepository !== (scope !== undefined))
    throw invalid(`A scope configuration is for projects whose source location is ${ANY_REPOSITORY}, and these need one`);
  if (!anyRepository && !repositoryOf(source.location ?? '')) throw invalid(`Invalid repository URL: ${source.location ?? ''}`);
  return server;
}

/** What the model cannot say; throws InvalidInputException. */
export function validateWebhook(settings: WebhookSettings, server: ServerType): void {
  const { branchFilter = '', filterGroups = [], buildType = 'BUILD', scopeConfiguration: scope, pullRequestBuildPolicy: policy } = settings;
  if (branchFilter !== '' && filterGroups.length > 0) throw invalid('A webhook can have a branch filter or filter groups, not both');
  if (!compile(branchFilter)) throw invalid(`Invalid branch filter pattern: ${branchFilter}`);
  if (buildType === 'RUNNER_BUILDKITE_BUILD') throw invalid('Build type RUNNER_BUILDKITE_BUILD is not available here');
  for (const group of filterGroups) validateGroup(group, server);
  if (scope && scope.scope.startsWith('GITLAB') !== server.startsWith('GITLAB'))
    throw invalid(`Scope ${scope.scope} is not valid for source type ${server}`);
  if (scope?.scope === 'GITHUB_GLOBAL' && settings.manualCreation !== true)
    throw invalid('A webhook of scope GITHUB_GLOBAL has to be created by hand: set manualCreation');
  if (policy) validatePolicy(policy, server);
}

function validateGroup(group: FilterGroup, server: ServerType): void {
  const events = group.filter(({ type }) => type === 'EVENT').flatMap(({ pattern }) => eventsOf(pattern));
  if (events.length === 0) throw invalid('Each filter group must contain at least one filter of type EVENT');
  const unknown = events.find((event) => !(WEBHOOK_EVENTS as readonly string[]).includes(event));
  if (unknown !== undefined) throw invalid(`Invalid event type: ${unknown}`);
  const foreign = server === 'BITBUCKET' ? events.find((event) => NOT_BITBUCKET.has(event)) : undefined;
  if (foreign !== undefined) throw invalid(`Event type ${foreign} is not supported for source type ${server}`);
  for (const { type, pattern } of group) {
    if (type !== 'EVENT' && !compile(pattern)) throw invalid(`Invalid pattern for filter type ${type}: ${pattern}`);
    const only: readonly string[] | undefined = ONLY[type];
    if (only && !events.every((event) => only.includes(event))) throw invalid(`Filter type ${type} is for events ${only.join(', ')} only`);
  }
}

function validatePolicy({ approverRoles = [] }: PullRequestBuildPolicy, server: ServerType): void {
  const host = server === 'GITHUB_ENTERPRISE' ? 'GITHUB' : server === 'GITLAB_SELF_MANAGED' ? 'GITLAB' : server;
  const foreign = approverRoles.find((role) => !role.startsWith(`${host}_`));
  if (foreign !== undefined) throw invalid(`Approver role ${foreign} is not valid for source type ${server}`);
}
