import type { WebhookTools } from '../operations/webhooks.ts';
import { startBuildAs } from '../operations/start-build.ts';
import { startBatchAs } from '../operations/start-batch.ts';
import type { WebhookEvent } from '../rules/webhook/event.ts';
import { webhookVariables } from '../rules/webhook/variables.ts';
import { locationOf, type Hooked } from './facts.ts';

/** Who a build was started by where a webhook did: the host's own program, as AWS has it (`GitHub-Hookshot/8d33975`). */
function initiatorOf({ row, delivery }: Hooked): string {
  return delivery.agent ?? row.server;
}

/** Starts what the webhook is for; the same token starts nothing twice. Answers its id. */
export async function startByWebhook(tools: WebhookTools, hooked: Hooked, event: WebhookEvent, token: string): Promise<string> {
  const { account, region, project } = hooked.row;
  const { commit } = event;
  const webhook = { variables: webhookVariables(event), ...(commit !== undefined && { commit }) };
  const input = {
    projectName: project,
    sourceVersion: event.sourceVersion,
    sourceLocationOverride: locationOf(hooked, event),
    idempotencyToken: `webhook/${token}`,
  };
  const origin = { initiator: initiatorOf(hooked), webhook };
  const start = hooked.settings.buildType === 'BUILD_BATCH' ? startBatchAs : startBuildAs;
  return (await start(tools, { account, region }, input, origin)).id ?? '';
}
