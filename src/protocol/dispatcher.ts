import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import type { Authorise, Principal } from '../ports/authorise.ts';
import type { ByteStream } from '../ports/blobs.ts';
import type { Credentials } from '../ports/credentials.ts';
import { authenticate, scopeService, signedClaims } from './authenticate.ts';
import type { Authenticated, AuthSettings } from './authenticate.ts';
import { checkedBody, readBody, withoutChunkedEncoding } from './body.ts';
import { encodeError } from './codec/errors.ts';
import { decodeInput, encodeOutput, streamsInput } from './codec/server.ts';
import type { WireInput, WireOutput } from './codec/server.ts';
import { endpointOf } from './endpoint.ts';
import { ApiError } from './errors.ts';
import { invoke } from './invoke.ts';
import { operationOf } from './model.ts';
import type { ServiceModel } from './model.ts';
import { respond } from './respond.ts';
import { createRouter } from './router/router.ts';
import type { Route, Router } from './router/router.ts';
import type { Service } from './service.ts';
import { rawRequest } from './wire-request.ts';
import type { RawRequest } from './wire-request.ts';

export interface DispatcherOptions {
  readonly services: readonly Service[];
  readonly authorise: Authorise;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly settings: AuthSettings;
}

export interface Dispatcher {
  /** Answers one AWS request. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Who signed a request for something that is no AWS service of the model (`/_pipewright/…`); throws an ApiError. */
  identify(request: IncomingMessage, signingName: string): Promise<Principal>;
}

/** One request on its way through the chain. */
interface Exchange {
  readonly options: DispatcherOptions;
  readonly request: RawRequest;
  readonly body: ByteStream;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

const FORM = /^application\/x-www-form-urlencoded\b/i;

/** What is known of the body before the request is believed: everything but S3's objects, which stream. */
async function earlyBody({ request, body }: Exchange, isS3: boolean): Promise<Buffer | undefined> {
  return isS3 ? undefined : readBody(body, request.headers, request.headers['x-amz-target'] === undefined ? 'query' : 'json');
}

async function lateBody(exchange: Exchange, { service, operation }: Route, { seed }: Authenticated): Promise<Uint8Array | ByteStream> {
  const { request, body } = exchange;
  const { model } = service;
  const described = operationOf(model, operation)!;
  const streams = streamsInput(model, described);
  const stream = checkedBody(body, { request, seed, checksums: streams || described.checksumRequired === true });
  return streams ? stream : readBody(stream, request.headers, model.protocol);
}

/** Route → authenticate → decode and validate → authorise → handler → encode. */
async function serve(
  exchange: Exchange,
  router: Router,
  seen: { route?: Route; protocol: ServiceModel['protocol']; model?: ServiceModel },
): Promise<WireOutput> {
  const { options, request, requestId, signal } = exchange;
  const scope = scopeService(signedClaims(request));
  const isForm = FORM.test(request.headers['content-type'] ?? '');
  // `curl -d` calls any body a form: a request signed for S3 is no call of the query protocol, whatever its type says.
  const isS3 = request.headers['x-amz-target'] === undefined && (scope === 's3' || (scope === undefined && !isForm));
  const early = await earlyBody(exchange, isS3);
  const form = early && isForm ? new URLSearchParams(early.toString()) : undefined;
  const found = router.route({ ...request, form, scopeService: scope });
  if (found.kind === 'none') {
    Object.assign(seen, { protocol: found.protocol, model: found.model });
    throw found.error;
  }
  const { service, operation } = found;
  const { model } = service;
  Object.assign(seen, { route: found, protocol: model.protocol, model });

  const bodyHash = early && createHash('sha256').update(early).digest('hex');
  const who = await authenticate(request, { model, operation: operationOf(model, operation), bodyHash }, options);
  const body = early ?? (await lateBody(exchange, found, who));
  const wire: WireInput = {
    labels: found.labels,
    query: request.query,
    headers: withoutChunkedEncoding(request.headers),
    body,
    ...(form && { form }),
  };
  const input = decodeInput(model, operation, wire, service.refuse);
  const { principal, region } = who;
  const context = { principal, account: principal.account, region, requestId, signal, endpoint: endpointOf(request), wire: request };
  const output = await invoke(service, operation, input, context, options.authorise);
  return encodeOutput(model, operation, output, requestId);
}

/** Errors made on purpose go out as they are; anything else is ours to find in the log, by its request id. */
function asApiError(
  error: unknown,
  { options, requestId, signal }: Exchange,
  protocol: ServiceModel['protocol'],
  operation: string,
): ApiError {
  if (error instanceof ApiError) return error;
  // What node says of a body that its client has broken off; nobody is there to read the answer, and nothing of ours is wrong.
  if (signal.aborted && error instanceof Error && 'code' in error && error.code === 'ECONNRESET') {
    return new ApiError('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header.', 400);
  }
  options.log.error('request failed', {
    requestId,
    operation,
    error: error instanceof Error ? (error.stack ?? error.message) : messageOf(error),
  });
  return protocol === 'rest-xml'
    ? new ApiError('InternalError', 'We encountered an internal error. Please try again.', 500)
    : new ApiError('InternalFailure', 'The request processing has failed because of an unknown error, exception or failure.', 500);
}

async function answer(exchange: Exchange, router: Router, response: ServerResponse): Promise<void> {
  const { request, requestId, options } = exchange;
  const first: ServiceModel['protocol'] =
    request.headers['x-amz-target'] !== undefined ? 'json' : FORM.test(request.headers['content-type'] ?? '') ? 'query' : 'rest-xml';
  const seen: { route?: Route; protocol: ServiceModel['protocol']; model?: ServiceModel } = { protocol: first };
  let output: WireOutput;
  try {
    output = await serve(exchange, router, seen);
  } catch (error) {
    const shown = asApiError(error, exchange, seen.protocol, `${seen.model?.name ?? ''}:${seen.route?.operation ?? ''}`);
    output = encodeError(seen.protocol, seen.model, shown, requestId);
  }
  try {
    await respond(response, output, seen.protocol, requestId);
  } catch (error) {
    // The status has gone out: all that is left is to break off, so that the client cannot take a part for the whole.
    if (!exchange.signal.aborted) options.log.warn('answer broken off', { requestId, error: messageOf(error) });
    response.destroy();
  }
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const router = createRouter(options.services);
  return {
    async handle(request, response) {
      const gone = new AbortController();
      // An answer that went out whole needs no abort; making its DOMException costs every request twenty microseconds.
      response.once('close', () => response.writableFinished || gone.abort());
      const exchange = { options, request: rawRequest(request), body: request, requestId: options.ids.uuid(), signal: gone.signal };
      await answer(exchange, router, response);
    },
    async identify(request, signingName) {
      const target = { model: { protocol: 'json' as const, signingName }, bodyHash: createHash('sha256').update('').digest('hex') };
      return (await authenticate(rawRequest(request), target, options)).principal;
    },
  };
}
