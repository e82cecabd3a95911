import { messageOf } from '../../../kernel/errors.ts';
import { WriteConflict, write, type Write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import {
  errors,
  type Api,
  type CreateWebhookInput,
  type CreateWebhookOutput,
  type Project,
  type UpdateWebhookInput,
  type UpdateWebhookOutput,
} from '../api.gen.ts';
import { validateWebhook, webhookServer, type WebhookSettings } from '../rules/webhook/validate.ts';
import type { SourceAccessTools } from '../source-credentials/access.ts';
import { isManual, register, tellsOthers, unregister, type HookOwner } from '../webhooks/registration.ts';
import { settingsOf, webhookSql as sql, type WebhookRow } from '../webhooks/tables.ts';
import { payloadUrl, webhookOf, webhookView } from '../webhooks/view.ts';
import { requireProject, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'createWebhook' | 'updateWebhook' | 'deleteWebhook'>;

export interface WebhookTools extends OperationTools, SourceAccessTools {
  /** The base URL under which git hosts reach the server. */
  readonly publicEndpoint: () => string;
}

const SECRET_BYTES = 20;
const PATH_BYTES = 24;

function given(settings: WebhookSettings): WebhookSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as WebhookSettings;
}

async function projectOf(tools: OperationTools, ctx: CallContext, name: string): Promise<Project> {
  return (await requireProject(tools, ctx, name)).project;
}

function ownerOf({ account, region }: CallContext, project: Project, settings: WebhookSettings): HookOwner {
  return { account, region, project, settings, server: webhookServer(project, settings) };
}

function missing(name: string): Error {
  return errors.ResourceNotFoundException(`Webhook not found for project: ${name}`);
}

/** The settings with an update's laid over them: a branch filter takes the place of filter groups, and the other way round. */
function updated(before: WebhookSettings, input: UpdateWebhookInput): WebhookSettings {
  const changes = given({
    branchFilter: input.branchFilter,
    filterGroups: input.filterGroups,
    buildType: input.buildType,
    pullRequestBuildPolicy: input.pullRequestBuildPolicy,
  } as WebhookSettings);
  const { branchFilter, filterGroups, ...rest } = before;
  const kept = changes.branchFilter === undefined && changes.filterGroups === undefined;
  return given({ ...rest, ...(kept && given({ branchFilter, filterGroups } as WebhookSettings)), ...changes });
}

/** What goes with a project that is deleted: its webhook, at the git host too where that can be reached. */
export async function deletedWebhook(tools: WebhookTools, ctx: CallContext, project: Project): Promise<readonly Write[]> {
  const row = await webhookOf(tools.db, ctx, project.name!);
  if (!row) return [];
  if (row.hook !== null) {
    await unregister(tools, { ...ctx, project, server: row.server, settings: settingsOf(row) }, row.hook).catch((error: unknown) =>
      tools.log.warn('the webhook of a deleted project stays at its git host', { project: project.name!, error: messageOf(error) }),
    );
  }
  return deletions(row);
}

function deletions({ account, region, project, path }: WebhookRow): readonly Write[] {
  return [write(sql.delete, [account, region, project]), write(sql.deleteWaitingOf, [path])];
}

async function create(tools: WebhookTools, { projectName, ...input }: CreateWebhookInput, ctx: CallContext): Promise<CreateWebhookOutput> {
  const { db, commits, ids, secrets, clock, publicEndpoint } = tools;
  const project = await projectOf(tools, ctx, projectName);
  const name = project.name!;
  const settings = given(input);
  const owner = ownerOf(ctx, project, settings);
  validateWebhook(settings, owner.server);
  const taken = errors.ResourceAlreadyExistsException(`Webhook already exists for project: ${name}`);
  if (await webhookOf(db, ctx, name)) throw taken;
  const [path, secret] = [`b-${ids.hex(PATH_BYTES)}`, ids.hex(SECRET_BYTES)];
  const manual = isManual(owner);
  const made = manual ? undefined : await register(tools, owner, { url: payloadUrl(publicEndpoint(), { path }), secret });
  const row: WebhookRow = {
    account: ctx.account,
    region: ctx.region,
    project: name,
    path,
    server: owner.server,
    settings: JSON.stringify(settings),
    secret: secrets.seal(secret),
    secret_at: clock.now(),
    hook: made?.id ?? null,
    hook_url: made?.url ?? null,
  };
  try {
    await commits.commit([write(sql.insert, Object.values(row) as (string | number | null)[])]);
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error;
    if (made) await unregister(tools, owner, made.id);
    throw taken;
  }
  return { webhook: webhookView(row, publicEndpoint(), manual ? secret : undefined) };
}

async function update(tools: WebhookTools, input: UpdateWebhookInput, ctx: CallContext): Promise<UpdateWebhookOutput> {
  const { db, commits, ids, secrets, clock, publicEndpoint } = tools;
  const project = await projectOf(tools, ctx, input.projectName);
  const before = await webhookOf(db, ctx, project.name!);
  if (!before) throw missing(project.name!);
  const settings = updated(settingsOf(before), input);
  const owner = ownerOf(ctx, project, settings);
  validateWebhook(settings, owner.server);
  const fresh = input.rotateSecret === true ? ids.hex(SECRET_BYTES) : undefined;
  const secret = fresh ?? secrets.open(before.secret);
  const tell = before.hook !== null && (fresh !== undefined || tellsOthers(settingsOf(before), settings));
  const made = tell ? await register(tools, owner, { url: payloadUrl(publicEndpoint(), before), secret, id: before.hook }) : undefined;
  const row: WebhookRow = {
    ...before,
    settings: JSON.stringify(settings),
    ...(fresh !== undefined && { secret: secrets.seal(fresh), secret_at: clock.now() }),
    ...(made && { hook: made.id, hook_url: made.url }),
  };
  const params = [row.settings, row.secret, row.secret_at, row.hook, row.hook_url, ctx.account, ctx.region, row.project];
  await commits.commit([write(sql.update, params, { expect: 1 })]);
  return { webhook: webhookView(row, publicEndpoint(), row.hook === null ? fresh : undefined) };
}

export function webhookOperations(tools: WebhookTools): Operations {
  return {
    createWebhook: (input, ctx) => create(tools, input, ctx),
    updateWebhook: (input, ctx) => update(tools, input, ctx),

    async deleteWebhook({ projectName }, ctx) {
      const project = await projectOf(tools, ctx, projectName);
      const row = await webhookOf(tools.db, ctx, project.name!);
      if (!row) throw missing(project.name!);
      if (row.hook !== null) await unregister(tools, { ...ctx, project, server: row.server, settings: settingsOf(row) }, row.hook);
      await tools.commits.commit(deletions(row));
      return {};
    },
  };
}
