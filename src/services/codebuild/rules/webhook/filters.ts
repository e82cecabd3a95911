import { unreachable } from '../../../../kernel/errors.ts';
import type { FilterGroups, Webhook, WebhookFilter } from '../../api.gen.ts';
import type { WebhookEvent, WebhookEventType } from './event.ts';
import { compile, matches } from './matches.ts';

/** Without filters: https://docs.aws.amazon.com/codebuild/latest/userguide/github-webhook.html says every push and pull request. */
const UNFILTERED: readonly WebhookEventType[] = ['PUSH', 'PULL_REQUEST_CREATED', 'PULL_REQUEST_UPDATED', 'PULL_REQUEST_REOPENED'];

/** What filters may ask of an event that its delivery does not tell. */
export interface Facts {
  readonly files?: readonly string[];
  readonly message?: string;
}

export function eventsOf(pattern: string): readonly string[] {
  return pattern
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** The texts that a filter looks at; undefined where there is nothing to look at. */
function textsOf({ type }: WebhookFilter, event: WebhookEvent, facts: Facts): readonly string[] | undefined {
  const some = (text: string | undefined) => (text === undefined ? undefined : [text]);
  switch (type) {
    case 'EVENT':
      return [event.type];
    case 'BASE_REF':
      return some(event.baseRef);
    case 'HEAD_REF':
      return [event.headRef];
    case 'ACTOR_ACCOUNT_ID':
      return [event.actor];
    case 'FILE_PATH':
      return facts.files;
    case 'COMMIT_MESSAGE':
      return some(facts.message);
    case 'WORKFLOW_NAME':
      return some(event.workflowName);
    case 'TAG_NAME':
      return some(event.tagName);
    case 'RELEASE_NAME':
      return some(event.releaseName);
    case 'REPOSITORY_NAME':
      return [event.repository.slice(event.repository.lastIndexOf('/') + 1)];
    case 'ORGANIZATION_NAME':
      return [event.repository.slice(0, event.repository.lastIndexOf('/'))];
    default:
      return unreachable(type);
  }
}

/** What nobody can tell fits no filter, not even one that excludes: we do not build what should perhaps not be built. */
function fits(filter: WebhookFilter, event: WebhookEvent, facts: Facts): boolean {
  const texts = textsOf(filter, event, facts);
  if (texts === undefined) return false;
  const pattern = compile(filter.pattern);
  const found =
    filter.type === 'EVENT'
      ? eventsOf(filter.pattern).includes(event.type)
      : pattern !== undefined && texts.some((text) => matches(pattern, text));
  return found !== (filter.excludeMatchedPattern ?? false);
}

type Filters = Pick<Webhook, 'filterGroups' | 'branchFilter'>;

/** Whether an event starts a build: one group is enough, all of whose filters have to fit. */
export function isWanted({ filterGroups = [], branchFilter }: Filters, event: WebhookEvent, facts: Facts): boolean {
  if (filterGroups.length > 0) return filterGroups.some((group) => group.every((filter) => fits(filter, event, facts)));
  if (!UNFILTERED.includes(event.type)) return false;
  const pattern = branchFilter === undefined || branchFilter === '' ? undefined : compile(branchFilter);
  return !pattern || (event.headRef.startsWith('refs/heads/') && matches(pattern, event.headRef.slice('refs/heads/'.length)));
}

/** The groups that what the delivery tells has not ruled out: only these are worth asking the host for. */
export function openGroups(groups: FilterGroups, event: WebhookEvent): FilterGroups {
  const told = (filter: WebhookFilter) => filter.type !== 'FILE_PATH' && filter.type !== 'COMMIT_MESSAGE';
  return groups.filter((group) => group.every((filter) => !told(filter) || fits(filter, event, {})));
}

/** The kinds of events that the host has to send for these filters. */
export function wantedEvents({ filterGroups = [] }: Filters): ReadonlySet<WebhookEventType> {
  if (filterGroups.length === 0) return new Set(UNFILTERED);
  const named = filterGroups.flatMap((group) => group.filter(({ type }) => type === 'EVENT').flatMap(({ pattern }) => eventsOf(pattern)));
  return new Set(named as readonly WebhookEventType[]);
}
