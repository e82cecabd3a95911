import { createHmac, timingSafeEqual, createHash } from 'node:crypto';
import type { Dialect } from './dialect.ts';

/** Header names in lower case. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** Compares in a time that tells nothing but the lengths of digests, which are all the same. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export function hmacHex(secret: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Whether the delivery was sent by who knows the secret. */
export function isGenuine(dialect: Dialect, headers: Headers, body: Uint8Array, secret: string): boolean {
  const signed = (header: string, prefix: string) => sameText(headers[header] ?? '', prefix + hmacHex(secret, body));
  switch (dialect) {
    case 'github':
      return signed('x-hub-signature-256', 'sha256=');
    case 'bitbucket':
      return signed('x-hub-signature', 'sha256=');
    case 'gitea':
      // Forgejo sends its own name's headers too; both carry the same bare digest.
      return signed('x-gitea-signature', '') || signed('x-forgejo-signature', '');
    case 'gitlab':
      // GitLab sends the secret itself.
      return sameText(headers['x-gitlab-token'] ?? '', secret);
  }
}

/** What the host calls this delivery, the same when it is sent again; a digest of the body where it does not say. */
export function deliveryId(dialect: Dialect, headers: Headers, body: Uint8Array): string {
  const named = {
    github: headers['x-github-delivery'],
    gitlab: headers['idempotency-key'] ?? headers['x-gitlab-event-uuid'],
    bitbucket: headers['x-request-uuid'],
    gitea: headers['x-gitea-delivery'] ?? headers['x-forgejo-delivery'],
  }[dialect];
  return named === undefined || named === '' || named.length > 200 ? `sha256:${createHash('sha256').update(body).digest('hex')}` : named;
}

/** The event's name, where the dialect tells it beside the payload. */
export function eventName(dialect: Dialect, headers: Headers): string {
  const name = {
    github: headers['x-github-event'],
    gitlab: headers['x-gitlab-event'],
    bitbucket: headers['x-event-key'],
    gitea: headers['x-gitea-event'] ?? headers['x-forgejo-event'],
  }[dialect];
  return name ?? '';
}
