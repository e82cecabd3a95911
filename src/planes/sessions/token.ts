import { createHash, timingSafeEqual } from 'node:crypto';
import type { Ids } from '../../kernel/ids.ts';

/** How long a token may be used, ms: a client connects at once. */
export const TOKEN_MS = 120_000;
const TOKEN_BYTES = 32;

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** What is kept of a token: it opens one session, once, until it expires. */
export class Token {
  readonly #digest: Buffer;
  readonly #expires: number;

  private constructor(token: string, expires: number) {
    this.#digest = digest(token);
    this.#expires = expires;
  }

  static issue(ids: Ids, now: number): { readonly text: string; readonly kept: Token } {
    const text = ids.hex(TOKEN_BYTES);
    return { text, kept: new Token(text, now + TOKEN_MS) };
  }

  opens(given: string, now: number): boolean {
    const same = timingSafeEqual(digest(given), this.#digest);
    return same && now < this.#expires;
  }
}
