import { write } from '../../../ports/database.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type ListWebhookItem, type WebhookDefinition } from '../api.gen.ts';
import { requireRoom, pipelineState, type OperationTools } from '../operations/tools.ts';
import { declarationOf } from '../rules/state.ts';
import { MASK, targetAction, validateWebhook } from '../rules/webhooks.ts';
import { sql } from '../tables.ts';
import { definitionOf, webhookArn, webhookSql, type WebhookRow } from './tables.ts';

type Operations = Pick<Api, 'putWebhook' | 'listWebhooks' | 'deleteWebhook'>;

/** Where webhooks of git hosts are received (planes/hooks.ts). */
const HOOKS = '/_pipewright/hooks/';
const MOST_IN_PAGE = 100;

/** Where the webhook is to be called, at the address by which we were asked. */
export function webhookUrl({ path }: Pick<WebhookRow, 'path'>, { endpoint }: Pick<CallContext, 'endpoint'>): string {
  return `${endpoint}${HOOKS}${path}`;
}

/** The definition without its secret, as it is stored and shown. */
function masked(definition: WebhookDefinition): WebhookDefinition {
  const { SecretToken, ...rest } = definition.authenticationConfiguration;
  return { ...definition, authenticationConfiguration: { ...rest, ...(SecretToken !== undefined && { SecretToken: MASK }) } };
}

export function webhookOperations(tools: OperationTools, secrets: SecretBox): Operations {
  const { db, commits, ids } = tools;
  const view = async (row: WebhookRow, ctx: CallContext): Promise<ListWebhookItem> => {
    const arn = webhookArn(row);
    const tags = await db.all<{ name: string; value: string }>(sql.tags, arn);
    return {
      definition: definitionOf(row),
      url: webhookUrl(row, ctx),
      arn,
      tags: tags.map(({ name, value }) => ({ key: name, value })),
      ...(row.triggered !== null && { lastTriggered: row.triggered }),
    };
  };
  return {
    async putWebhook({ webhook, tags = [] }, ctx) {
      const { account, region } = ctx;
      const before = await db.get<WebhookRow>(webhookSql.get, account, region, webhook.name);
      if (!before) await requireRoom(tools, webhookSql.count, ctx, tools.quotas.webhooks, 'webhooks');
      validateWebhook(webhook, before?.secret !== null && before?.secret !== undefined);
      targetAction(webhook, declarationOf(await pipelineState(tools, ctx, webhook.targetPipeline)));
      const given = webhook.authenticationConfiguration.SecretToken;
      const secret = given === undefined ? null : given === MASK ? before!.secret : secrets.seal(given);
      // Nobody can guess it: the URL is all that an UNAUTHENTICATED webhook asks for.
      const path = before?.path ?? `w-${ids.hex(24)}`;
      const row: WebhookRow = {
        account,
        region,
        name: webhook.name,
        path,
        definition: JSON.stringify(masked(webhook)),
        secret,
        triggered: before?.triggered ?? null,
      };
      const arn = webhookArn(row);
      await commits.commit([
        write(webhookSql.put, [account, region, row.name, path, row.definition, secret]),
        ...tags.map(({ key, value }) => write(sql.putTag, [arn, key, value])),
      ]);
      return { webhook: await view(row, ctx) };
    },

    async listWebhooks({ NextToken, MaxResults: limit = MOST_IN_PAGE }, ctx) {
      const after = decodePageToken('webhooks', NextToken, () => errors.InvalidNextTokenException('The next token is not valid.'));
      const rows = await db.all<WebhookRow>(webhookSql.after, ctx.account, ctx.region, String(after ?? ''), limit + 1);
      const page = rows.slice(0, limit);
      const webhooks = await Promise.all(page.map((row) => view(row, ctx)));
      return { webhooks, ...(rows.length > limit && { NextToken: encodePageToken('webhooks', page.at(-1)!.name) }) };
    },

    async deleteWebhook({ name }, ctx) {
      // Deleting what is not there succeeds, as in AWS.
      const { account, region } = ctx;
      await commits.commit([
        write(webhookSql.delete, [account, region, name]),
        write(sql.deleteTags, [webhookArn({ account, region, name })]),
      ]);
      return {};
    },
  };
}
