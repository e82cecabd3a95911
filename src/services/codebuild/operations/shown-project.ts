import type { Project } from '../api.gen.ts';
import { webhookOf, webhookView } from '../webhooks/view.ts';
import type { WebhookTools } from './webhooks.ts';

/** A project as it is shown: with what is kept beside it. */
export async function shownProject(
  tools: Pick<WebhookTools, 'db' | 'publicEndpoint'>,
  place: { readonly account: string; readonly region: string },
  project: Project,
): Promise<Project> {
  const webhook = await webhookOf(tools.db, place, project.name!);
  return { ...project, ...(webhook && { webhook: webhookView(webhook, tools.publicEndpoint()) }) };
}
