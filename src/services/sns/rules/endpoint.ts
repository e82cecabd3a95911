import { errors } from '../api.gen.ts';
import { invalidParameter } from './message.ts';

/** The protocols that reach somebody here. */
export const PROTOCOLS = ['http', 'https', 'email', 'email-json'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

const AWS_PROTOCOLS: readonly string[] = ['sms', 'sqs', 'lambda', 'application', 'firehose'];

export interface Endpoint {
  readonly protocol: Protocol;
  /** As it is stored and shown: a password in a URL is stars. */
  readonly shown: string;
  readonly password?: string;
}

function isOurs(protocol: string): protocol is Protocol {
  return (PROTOCOLS as readonly string[]).includes(protocol);
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function webEndpoint(protocol: 'http' | 'https', text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== `${protocol}:`) throw invalidParameter('Endpoint must match the specified protocol');
  if (url.password === '') return { protocol, shown: text };
  if (!isEncoded(url.username) || !isEncoded(url.password)) throw invalidParameter('Endpoint');
  const password = decodeURIComponent(url.password);
  url.password = '****';
  return { protocol, shown: url.href, password };
}

/** Where a subscription sends to. Throws InvalidParameter for protocols that we do not have and endpoints that do not fit theirs. */
export function checkEndpoint(protocol: string, endpoint: string | undefined): Endpoint {
  if (AWS_PROTOCOLS.includes(protocol))
    throw errors.InvalidParameterException(
      `Invalid parameter: Protocol Reason: Pipewright does not deliver to ${protocol} yet; it does to ${PROTOCOLS.join(', ')}.`,
    );
  if (!isOurs(protocol)) throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  if (endpoint === undefined || endpoint === '') throw invalidParameter('Endpoint');
  if (protocol === 'http' || protocol === 'https') return webEndpoint(protocol, endpoint);
  // One address, nothing that a mail server could take for more.
  if (!/^[^\s@<>,;:"\\]+@[^\s@<>,;:"\\]+$/.test(endpoint)) throw invalidParameter('Email address');
  return { protocol, shown: endpoint };
}
