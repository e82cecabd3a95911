import { badgeUrl } from '../badges/badges.ts';
import type { Project } from '../api.gen.ts';
import { webhookOf, webhookView } from '../webhooks/view.ts';
import type { StoredProject } from './tools.ts';
import type { WebhookTools } from './webhooks.ts';

/** A project as it is shown: with what is kept beside it. */
export async function shownProject(
  tools: Pick<WebhookTools, 'db' | 'publicEndpoint'>,
  place: { readonly account: string; readonly region: string },
  { project, extras }: Pick<StoredProject, 'project' | 'extras'>,
): Promise<Project> {
  const endpoint = tools.publicEndpoint();
  const webhook = await webhookOf(tools.db, place, project.name!);
  const token = project.badge?.badgeEnabled === true ? extras.badge_token : null;
  return {
    ...project,
    ...(token !== null && { badge: { badgeEnabled: true, badgeRequestUrl: badgeUrl(endpoint, token, project.sourceVersion ?? 'main') } }),
    ...(project.projectVisibility === 'PUBLIC_READ' && extras.public_alias !== null && { publicProjectAlias: extras.public_alias }),
    ...(webhook && { webhook: webhookView(webhook, endpoint) }),
  };
}
