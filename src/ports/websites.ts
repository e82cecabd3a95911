import type { ByteStream } from './blobs.ts';

/** A bucket's website configuration, as S3 documents it. */
export interface WebsiteConfig {
  readonly IndexDocument?: { readonly Suffix: string };
  readonly ErrorDocument?: { readonly Key: string };
  readonly RedirectAllRequestsTo?: { readonly HostName: string; readonly Protocol?: string };
  readonly RoutingRules?: readonly WebsiteRule[];
}

export interface WebsiteRule {
  readonly Condition?: { readonly HttpErrorCodeReturnedEquals?: string; readonly KeyPrefixEquals?: string };
  readonly Redirect: {
    readonly HostName?: string;
    readonly HttpRedirectCode?: string;
    readonly Protocol?: string;
    readonly ReplaceKeyPrefixWith?: string;
    readonly ReplaceKeyWith?: string;
  };
}

export interface WebsiteObject {
  /** Content type, cache control and the like; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Epoch ms. */
  readonly modified: number;
  /** Where the object sends its readers instead (x-amz-website-redirect-location). */
  readonly redirect: string | undefined;
  /** The bytes from `start` to before `end`. */
  read(start: number, end: number): ByteStream;
}

/** What the website plane knows of buckets. */
export interface Websites {
  /** Undefined where there is no such bucket; an empty answer where it is no website. */
  config(bucket: string): Promise<{ readonly website: WebsiteConfig | undefined } | undefined>;
  /** `forbidden` for objects that are not everybody's to read. */
  object(bucket: string, key: string): Promise<WebsiteObject | 'forbidden' | undefined>;
}
