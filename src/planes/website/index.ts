import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebsiteConfig, WebsiteObject, Websites } from '../../ports/websites.ts';
import { addressOf } from './address.ts';
import type { Address } from './address.ts';
import { sendError, sendObject, sendRedirect } from './answer.ts';
import { applyRule, findRule, indexKey, redirectAll } from './rules.ts';

/** Serves on the port beside the AWS API (http/plane). */
export interface WebsitePlane {
  matches(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Visit {
  readonly websites: Websites;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: Address;
  readonly config: WebsiteConfig;
}

/** An error: the rule for it, else the site's error document, else a page of ours. */
async function fail({ websites, request, response, address, config }: Visit, status: 403 | 404): Promise<void> {
  const rule = findRule(config, address.key, status);
  if (rule) {
    const to = applyRule(rule, address.key, address.base);
    return sendRedirect(response, address, to.status, to.location);
  }
  const key = config.ErrorDocument?.Key;
  const document = key === undefined ? undefined : await websites.object(address.bucket, key);
  if (document !== undefined && document !== 'forbidden') return sendObject(request, response, address, document, status);
  const facts =
    status === 403
      ? { Code: 'AccessDenied', Message: 'Access Denied' }
      : { Code: 'NoSuchKey', Message: 'The specified key does not exist.' };
  sendError(response, address, status, { ...facts, Key: address.key });
}

async function show(visit: Visit, object: WebsiteObject): Promise<void> {
  const { request, response, address } = visit;
  if (object.redirect === undefined) return sendObject(request, response, address, object);
  const location = object.redirect.startsWith('/') ? address.base + object.redirect.slice(1) : object.redirect;
  sendRedirect(response, address, 301, location);
}

/** A folder named without its slash is redirected to its index document, if it has one. */
async function isFolder({ websites, address, config }: Visit): Promise<boolean> {
  const suffix = config.IndexDocument?.Suffix;
  if (suffix === undefined || address.key === '' || address.key.endsWith('/')) return false;
  return (await websites.object(address.bucket, `${address.key}/${suffix}`)) !== undefined;
}

async function visit(visited: Visit): Promise<void> {
  const { websites, response, address, config } = visited;
  const { bucket, key, base } = address;
  const rule = config.RedirectAllRequestsTo ? undefined : findRule(config, key, undefined);
  const to = config.RedirectAllRequestsTo ? redirectAll(config.RedirectAllRequestsTo, key) : rule && applyRule(rule, key, base);
  if (to) return sendRedirect(response, address, to.status, to.location);
  const object = await websites.object(bucket, indexKey(key, config.IndexDocument?.Suffix ?? ''));
  if (object === 'forbidden') return fail(visited, 403);
  if (object !== undefined) return show(visited, object);
  if (await isFolder(visited)) return sendRedirect(response, address, 302, `${base}${encodeURIComponent(key).replaceAll('%2F', '/')}/`);
  return fail(visited, 404);
}

/**
 * Buckets as websites: `http://BUCKET.s3-website.localhost:PORT/`, and by path for machines without such names:
 * `http://HOST:PORT/_website/BUCKET/`. https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
 */
export function createWebsitePlane(websites: Websites): WebsitePlane {
  return {
    matches: (request) => addressOf(request) !== undefined,
    async handle(request, response) {
      const address = addressOf(request)!;
      // Relative links of the start page need the slash.
      const path = (request.url ?? '').split('?', 1)[0]!;
      if (address.byPath && !path.startsWith(address.base)) return sendRedirect(response, address, 302, address.base);
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return sendError(response, address, 405, {
          Code: 'MethodNotAllowed',
          Message: 'The specified method is not allowed against this resource.',
        });
      }
      const found = await websites.config(address.bucket);
      if (!found)
        return sendError(response, address, 404, {
          Code: 'NoSuchBucket',
          Message: 'The specified bucket does not exist',
          BucketName: address.bucket,
        });
      if (!found.website) {
        const Message = 'The specified bucket does not have a website configuration';
        return sendError(response, address, 404, { Code: 'NoSuchWebsiteConfiguration', Message, BucketName: address.bucket });
      }
      await visit({ websites, request, response, address, config: found.website });
    },
  };
}
