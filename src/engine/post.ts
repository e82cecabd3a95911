/** What became of a POST. `unavailable`: another try may go otherwise. Reasons name neither paths nor passwords of the URL. */
export type PostOutcome =
  | { readonly kind: 'accepted'; readonly status: number }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

export interface Post {
  /** A user and password in it become an Authorization header. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Why a request got no answer, in words that hold nothing of its URL. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed';
  if (error.name === 'TimeoutError') return 'it did not answer in time';
  const cause: unknown = error.cause;
  // What fetch says itself may hold the URL; what the system says has a code.
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
  return error.name;
}

function verdict(status: number): PostOutcome {
  if (status >= 200 && status < 300) return { kind: 'accepted', status };
  const reason = `it answered ${status}`;
  return status >= 500 || status === 429 || status === 408 ? { kind: 'unavailable', reason } : { kind: 'refused', reason };
}

/** Posts once, following no redirects: what is sent is for this address alone. Never rejects. */
export async function post({ url, headers, body, timeoutMs, signal }: Post): Promise<PostOutcome> {
  const plain = new URL(url);
  plain.username = plain.password = '';
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  try {
    const response = await fetch(plain, {
      method: 'POST',
      headers: { ...headers, ...(login !== ':' && { authorization: `Basic ${Buffer.from(login).toString('base64')}` }) },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    return verdict(response.status);
  } catch (error) {
    return { kind: 'unavailable', reason: reasonOf(error) };
  }
}
