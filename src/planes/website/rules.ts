import type { WebsiteConfig, WebsiteRule } from '../../ports/websites.ts';

/** The key that a request's key stands for: folders, and the site itself, mean their index document. */
export function indexKey(key: string, suffix: string): string {
  return key === '' || key.endsWith('/') ? key + suffix : key;
}

/** The first routing rule for a key, and for an error's status where there is one: https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html. */
export function findRule(config: WebsiteConfig, key: string, status: number | undefined): WebsiteRule | undefined {
  return config.RoutingRules?.find(({ Condition }) => {
    const { KeyPrefixEquals: prefix, HttpErrorCodeReturnedEquals: code } = Condition ?? {};
    // A rule with an error code speaks only of errors; one without only of requests before they are looked up.
    const rightMoment = code === undefined ? status === undefined : status !== undefined && Number(code) === status;
    return rightMoment && (prefix === undefined || key.startsWith(prefix));
  });
}

function replacedKey({ Condition, Redirect }: WebsiteRule, key: string): string {
  if (Redirect.ReplaceKeyWith !== undefined) return Redirect.ReplaceKeyWith;
  if (Redirect.ReplaceKeyPrefixWith === undefined) return key;
  return Redirect.ReplaceKeyPrefixWith + key.slice(Condition?.KeyPrefixEquals?.length ?? 0);
}

function encodePath(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/');
}

export interface RedirectTo {
  readonly status: number;
  readonly location: string;
}

/** Where a rule sends the reader of a key. `base` is the site's own path. */
export function applyRule(rule: WebsiteRule, key: string, base: string): RedirectTo {
  const { HostName, Protocol, HttpRedirectCode } = rule.Redirect;
  const status = Number(HttpRedirectCode ?? 301);
  const path = encodePath(replacedKey(rule, key));
  if (HostName === undefined && Protocol === undefined) return { status, location: base + path };
  return { status, location: `${Protocol ?? 'http'}://${HostName ?? 'localhost'}/${path}` };
}

export function redirectAll({ HostName, Protocol }: NonNullable<WebsiteConfig['RedirectAllRequestsTo']>, key: string): RedirectTo {
  return { status: 301, location: `${Protocol ?? 'http'}://${HostName}/${encodePath(key)}` };
}

/** Whether the reader has this very version already. */
export function isFresh(headers: { readonly [name: string]: string | string[] | undefined }, etag: string, modified: number): boolean {
  const tags = headers['if-none-match'];
  if (typeof tags === 'string') return tags.split(',').some((tag) => ['*', `"${etag}"`].includes(tag.trim().replace(/^W\//, '')));
  const since = Date.parse(String(headers['if-modified-since'] ?? ''));
  return !Number.isNaN(since) && Math.floor(modified / 1000) <= Math.floor(since / 1000);
}
