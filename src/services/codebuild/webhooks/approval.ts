import { messageOf, PipewrightError } from '../../../kernel/errors.ts';
import { write } from '../../../ports/database.ts';
import type { WebhookTools } from '../operations/webhooks.ts';
import { batchStatusContext, isToldByBuild } from '../rules/batch/commit-status.ts';
import { statusContext } from '../rules/build/commit-status.ts';
import type { ApprovalComment, WebhookEvent } from '../rules/webhook/event.ts';
import { APPROVAL_REQUIRED, mayApprove, needsApproval } from '../rules/webhook/policy.ts';
import type { SourceAccess } from '../source-credentials/access.ts';
import { hostOf, type Hooked } from './facts.ts';
import { startByWebhook } from './start.ts';
import { webhookSql as sql } from './tables.ts';

/** A pull request that nobody has approved for so long is forgotten. */
const KEPT_MS = 90 * 86_400_000;

async function isTrusted(
  tools: WebhookTools,
  hooked: Hooked,
  access: SourceAccess | undefined,
  user: string | undefined,
): Promise<boolean> {
  const { settings, row, signal } = hooked;
  // Without credentials nobody can be asked who that is.
  if (!access || user === undefined || !settings.pullRequestBuildPolicy) return false;
  const role = await tools.hosts.role(access.host, access.repository, user, signal);
  return mayApprove(settings.pullRequestBuildPolicy, row.server.split('_')[0]!, role);
}

/** A batch that is told of by its builds has no status of its own, with which it would take back the word that it waits. */
const takesBack = ({ settings, project }: Hooked): boolean =>
  settings.buildType !== 'BUILD_BATCH' || !isToldByBuild({ config: project.buildBatchConfig ?? {} });

const WAITS = { state: 'failure', description: APPROVAL_REQUIRED } as const;
const APPROVED = { state: 'success', description: 'Pull request was approved' } as const;

async function tellOfApproval(
  tools: WebhookTools,
  { row, project, settings, signal }: Hooked,
  event: WebhookEvent,
  access: SourceAccess | undefined,
  words: typeof WAITS | typeof APPROVED,
) {
  if (!access || event.commit?.length !== 40) return;
  // The name under which the status of what is started then takes its place.
  const context = settings.buildType === 'BUILD_BATCH' ? batchStatusContext(row) : statusContext(row);
  const status = {
    repository: access.repository,
    commit: event.commit,
    ...words,
    context: project.source?.buildStatusConfig?.context ?? context,
    url: tools.publicEndpoint(),
  };
  try {
    await tools.hosts.report(access.host, status, signal);
  } catch (error) {
    if (!(error instanceof PipewrightError)) throw error;
    tools.log.warn('a commit status could not be told', { project: row.project, error: messageOf(error) });
  }
}

/** Whether the pull request is not built before somebody has approved it; it is remembered then. */
export async function mustWait(tools: WebhookTools, hooked: Hooked, event: WebhookEvent): Promise<boolean> {
  if (!needsApproval(hooked.settings.pullRequestBuildPolicy, event)) return false;
  const access = await hostOf(tools, hooked, event);
  if (await isTrusted(tools, hooked, access, event.pull!.author)) return false;
  const now = tools.clock.now();
  const params = [hooked.row.path, event.repository, event.pull!.id, event.commit ?? '', now, JSON.stringify(event)];
  await tools.commits.commit([write(sql.putWaiting, params), write(sql.pruneWaiting, [now - KEPT_MS])]);
  await tellOfApproval(tools, hooked, event, access, WAITS);
  return true;
}

/** Builds a pull request that waits, at exactly the commit that the comment names. */
export async function approve(
  tools: WebhookTools,
  hooked: Hooked,
  comment: ApprovalComment,
): Promise<{ readonly status: number; readonly message: string }> {
  const { path } = hooked.row;
  const { repository, pull, commit } = comment;
  const row = await tools.db.get<{ event: string }>(sql.waiting, path, repository, pull, commit);
  if (!row) return { status: 200, message: 'No pull request waits for this comment.' };
  const event = JSON.parse(row.event) as WebhookEvent;
  const access = await hostOf(tools, hooked, event);
  if (!(await isTrusted(tools, hooked, access, comment.actorName)))
    return { status: 200, message: 'Nothing is started: who commented may not approve.' };
  // The commit itself: the request may have got others since.
  const build = await startByWebhook(tools, hooked, { ...event, sourceVersion: commit }, `${hooked.delivery.id}/approval`);
  await tools.commits.commit([write(sql.deleteWaiting, [path, repository, pull])]);
  if (!takesBack(hooked)) await tellOfApproval(tools, hooked, event, access, APPROVED);
  return { status: 200, message: `Started ${build}.` };
}
