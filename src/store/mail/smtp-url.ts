import { PipewrightError } from '../../kernel/errors.ts';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (smtps). */
  readonly tls: boolean;
  readonly login?: { readonly user: string; readonly password: string };
}

function invalid(problem: string): PipewrightError {
  // The URL may hold a password: it is not repeated.
  return new PipewrightError('InvalidSettings', `--smtp-url ${problem}`);
}

/** Throws InvalidSettings. */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const tls = url?.protocol === 'smtps:';
  if (!url || (!tls && url.protocol !== 'smtp:') || url.hostname === '') throw invalid('must be smtp://HOST[:PORT] or smtps://HOST[:PORT]');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (tls ? 465 : 587) : Number(url.port);
  if (url.username === '') return { host, port, tls };
  try {
    return { host, port, tls, login: { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } };
  } catch {
    throw invalid('has a user or password that is not URL-encoded');
  }
}
