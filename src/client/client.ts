import { systemClock } from '../kernel/clock.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ByteStream } from '../protocol/codec/client.ts';
import { decodeFailure, decodeResponse, encodeRequest, streamsOutput } from '../protocol/codec/client.ts';
import { ApiError } from '../protocol/errors.ts';
import { operationOf } from '../protocol/model.ts';
import type { ServiceModel } from '../protocol/model.ts';
import type { SigningKey } from '../protocol/sigv4/sign.ts';
import type { AwsClients } from '../services/aws.gen.ts';
import { models } from './models.gen.ts';
import { presign, signedFetch } from './signed.ts';
import type { SignedRequest, Signer } from './signed.ts';
import { createTransport } from './transport.ts';
import type { Transport, TransportResponse } from './transport.ts';

export interface ClientOptions {
  /** `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly region: string;
  /** A key, or where to get the current one; absent for unsigned requests (`--auth off`). */
  readonly credentials?: SigningKey | (() => Promise<SigningKey | undefined>);
  readonly clock?: Clock;
  /** Aborts every call of this client. */
  readonly signal?: AbortSignal;
}

/**
 * The services by name, as `client.codebuild.startBuild({...})`. Failed calls reject with an ApiError (code, message, status, fields);
 * an unreachable server with Node's error (`code: 'ECONNREFUSED'`). Nothing is retried.
 */
export type PipewrightClient = AwsClients & {
  /** A signed request for anything that is no operation (`/_pipewright/events`). */
  fetch(request: SignedRequest): Promise<TransportResponse>;
  /** A presigned URL. */
  presign(request: Omit<SignedRequest, 'body' | 'signal'>, expiresSeconds: number): Promise<string>;
  close(): void;
};

interface Session {
  readonly transport: Transport;
  readonly signer: Signer;
  readonly signal: AbortSignal | undefined;
}

async function readAll(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function call({ transport, signer, signal }: Session, model: ServiceModel, operation: string, input: unknown): Promise<unknown> {
  const request = encodeRequest(model, operation, input);
  const response = await signedFetch(transport, signer, { ...request, service: model.signingName, signal });
  const { status, headers, stream } = response;
  if (status >= 300) throw decodeFailure(model, { status, headers, body: await readAll(stream) });
  const body = streamsOutput(model, operation) ? stream : await readAll(stream);
  return decodeResponse(model, operation, { status, headers, body });
}

function serviceClient(session: Session, load: () => Promise<ServiceModel>): object {
  return new Proxy(
    {},
    {
      get(_target, method) {
        // A promise would be asked for `then`: a client is none.
        if (typeof method !== 'string' || method === 'then') return undefined;
        return async (input: unknown) => {
          const model = await load();
          const operation = method.charAt(0).toUpperCase() + method.slice(1);
          if (!operationOf(model, operation))
            throw new ApiError('UnknownOperationException', `${model.name} has no operation ${operation}`, 400);
          return call(session, model, operation, input);
        };
      },
    },
  );
}

function signerOf({ region, credentials, clock }: ClientOptions): Signer {
  return {
    region,
    clock: clock ?? systemClock,
    credentials: async () => (typeof credentials === 'function' ? credentials() : credentials),
  };
}

export function createClient(options: ClientOptions): PipewrightClient {
  const session: Session = { transport: createTransport(options.endpoint), signer: signerOf(options), signal: options.signal };
  const { transport, signer } = session;
  const services = Object.entries(models).map(([name, load]) => [name, serviceClient(session, load)] as const);
  return {
    ...(Object.fromEntries(services) as unknown as AwsClients),
    fetch: (request) => signedFetch(transport, signer, request),
    presign: (request, expiresSeconds) => presign(transport, signer, request, expiresSeconds),
    close: () => transport.close(),
  };
}
