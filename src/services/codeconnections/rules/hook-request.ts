import type { Dialect } from '../../../kernel/git-hooks/dialect.ts';

/** Where a repository's webhooks are listed and made, below the API's base; undefined where webhooks of PutWebhook cannot be verified. */
export function hooksPath(dialect: Dialect, repository: string): string | undefined {
  // The others sign in ways that GITHUB_HMAC does not know.
  return dialect === 'github' || dialect === 'gitea' ? `/repos/${repository}/hooks` : undefined;
}

export function hookBody(dialect: Dialect, url: string, secret: string | undefined): object {
  const config = { url, content_type: 'json', insecure_ssl: '0', ...(secret !== undefined && { secret }) };
  return { ...(dialect === 'gitea' ? { type: 'gitea' } : { name: 'web' }), active: true, events: ['push'], config };
}
