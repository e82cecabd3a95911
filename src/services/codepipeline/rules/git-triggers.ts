import type { GitEvent, GitPullRequest, GitPush } from '../../../kernel/git-event.ts';
import type { GitPullRequestFilter, GitPushFilter, PipelineDeclaration, PipelineTriggerDeclaration } from '../api.gen.ts';
import { glob } from './glob.ts';

/** Lists of patterns; what an exclude matches is out, whatever the includes say. */
interface Criteria {
  readonly includes?: readonly string[];
  readonly excludes?: readonly string[];
}

export type TriggerVerdict =
  | { readonly start: true; readonly reason: string }
  | { readonly start: false; readonly reason: string }
  /** Only the changed files can tell, and they are not known yet. */
  | { readonly start: 'files' };

const no = (reason: string): TriggerVerdict => ({ start: false, reason });
const matching = (patterns: readonly string[], name: string) => patterns.find((pattern) => glob(pattern)(name));
const quoted = (patterns: readonly string[]) => patterns.map((pattern) => `'${pattern}'`).join(', ');

/** Why the name is not wanted; undefined where it is. Without includes everything is included. */
function refusal({ includes, excludes = [] }: Criteria, what: string, name: string): string | undefined {
  const excluded = matching(excludes, name);
  if (excluded !== undefined) return `the ${what} ${name} is excluded by '${excluded}'`;
  if (includes && matching(includes, name) === undefined) return `the ${what} ${name} is not among the includes ${quoted(includes)}`;
  return undefined;
}

/** One file that is included and not excluded is enough. */
function fileRefusal(criteria: Criteria, files: readonly string[]): string | undefined {
  if (files.some((file) => refusal(criteria, 'file', file) === undefined)) return undefined;
  if (files.length === 0) return 'no file changed';
  return `none of the ${files.length} changed file${files.length === 1 ? '' : 's'} passes the file paths: ${refusal(criteria, 'file', files[0]!)}`;
}

function byFiles(criteria: Criteria | undefined, files: readonly string[] | undefined, passed: string): TriggerVerdict {
  if (!criteria) return { start: true, reason: passed };
  if (!files) return { start: 'files' };
  const refused = fileRefusal(criteria, files);
  return refused === undefined ? { start: true, reason: `${passed}, and its files pass` } : no(refused);
}

function push(filter: GitPushFilter, event: GitPush): TriggerVerdict {
  const { tags, branches, filePaths } = filter;
  if (event.ref === 'tag') {
    const refused = tags ? refusal(tags, 'tag', event.name) : `the filter is for branches, not for the tag ${event.name}`;
    return refused === undefined ? { start: true, reason: `the tag ${event.name} passes` } : no(refused);
  }
  // A filter of tags alone is for tags alone.
  if (tags && !branches && !filePaths) return no(`the filter is for tags, not for the branch ${event.name}`);
  const refused = branches && refusal(branches, 'branch', event.name);
  return refused === undefined ? byFiles(filePaths, event.files, `the branch ${event.name} passes`) : no(refused);
}

/** The branches are those that the request is to be merged into. */
function pullRequest(filter: GitPullRequestFilter, event: GitPullRequest): TriggerVerdict {
  const { events, branches, filePaths } = filter;
  if (events && !events.includes(event.action)) return no(`the filter is for ${events.join(', ')}, not for ${event.action}`);
  const refused = branches && refusal(branches, 'destination branch', event.destinationBranch);
  const passed = `${event.action} of the pull request ${event.id} into ${event.destinationBranch} passes`;
  return refused === undefined ? byFiles(filePaths, event.files, passed) : no(refused);
}

/** The first that starts counts; one that needs the files comes before those that say no. */
function anyOf(verdicts: readonly TriggerVerdict[]): TriggerVerdict {
  const reasons = verdicts.flatMap((verdict) => (verdict.start === false ? [verdict.reason] : []));
  return (
    verdicts.find(({ start }) => start === true) ??
    verdicts.find(({ start }) => start === 'files') ??
    no(reasons.length === 0 ? 'no filter is for this' : reasons.join('; '))
  );
}

/**
 * Whether an event starts the pipeline by this trigger. Filters of a list are alternatives. A trigger without filters is for pushes to
 * the branch of the source action, `branch`. https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-filter.html
 */
export function triggerVerdict({ gitConfiguration }: PipelineTriggerDeclaration, event: GitEvent, branch: string): TriggerVerdict {
  const { push: pushes, pullRequest: pullRequests } = gitConfiguration;
  if (event.kind === 'push') {
    if (pushes) return anyOf(pushes.map((filter) => push(filter, event)));
    if (pullRequests) return no('the trigger is for pull requests, not for pushes');
    return push({ branches: { includes: [branch.replace(/[*?[\]{}\\!]/g, '\\$&')] } }, event);
  }
  if (!pullRequests) return no('the trigger is for pushes, not for pull requests');
  return anyOf(pullRequests.map((filter) => pullRequest(filter, event)));
}

/** The trigger of a source action, if it has one: that turns its other detection of changes off. */
export function triggerOf(declaration: PipelineDeclaration, action: string): PipelineTriggerDeclaration | undefined {
  return declaration.triggers?.find((trigger) => trigger.gitConfiguration.sourceActionName === action);
}
