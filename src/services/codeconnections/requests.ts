import { messageOf, PipewrightError } from '../../kernel/errors.ts';
import type { Dialect } from '../../kernel/git-hooks/dialect.ts';
import { tokenHeaders } from './rules/status-request.ts';

const DEADLINE_MS = 20_000;
/** Of an answer's body, what is worth showing. */
const LONGEST_ANSWER = 500;

/** A git host's API and what opens it. */
export interface OpenHost {
  /** AWS's word for the host. */
  readonly provider: string;
  readonly dialect: Dialect;
  /** The API's base URL, without a slash at the end. */
  readonly api: string;
  readonly token: string;
  /** Given where the token belongs to an account. */
  readonly username: string | undefined;
}

export interface HostAnswer {
  readonly status: number;
  readonly text: string;
}

/** The start of an answer, for errors; a host that repeats the token does not get it into our log. */
export function shown({ token }: OpenHost, { status, text }: HostAnswer): string {
  return `${status} ${text.slice(0, LONGEST_ANSWER).replaceAll(token, '****')}`;
}

/**
 * One request to a git host's API. Redirects are not followed: they would take the token elsewhere. Rejects with code HostUnreachable where
 * there is no answer.
 */
export async function callHost(
  host: OpenHost,
  { method, path, body }: { readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; readonly path: string; readonly body?: object },
  signal?: AbortSignal,
): Promise<HostAnswer> {
  const { dialect, api, token, username } = host;
  const headers = { ...tokenHeaders(dialect, token, username), 'content-type': 'application/json', 'user-agent': 'pipewright' };
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  try {
    const answer = await fetch(api + path, {
      method,
      headers,
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : '';
    throw new PipewrightError('HostUnreachable', `${messageOf(error)}${cause}`, { cause: error });
  }
}
