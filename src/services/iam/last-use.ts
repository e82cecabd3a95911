import { messageOf } from '../../kernel/errors.ts';
import type { AccessRequest, Principal } from '../../ports/authorise.ts';
import { write } from '../../ports/database.ts';
import { keySql } from './tables.ts';
import type { IamTools } from './tools.ts';

/** A use is written at most this often for each key: a write for every request would cost more than the request. */
const EVERY_MS = 15 * 60_000;

/**
 * Remembers when, for which service and where an access key was last used. Who authorises sees principals, not keys: each key's
 * credential has a principal object of its own, which is what tells them apart here.
 */
export class LastUse {
  readonly #tools: IamTools;
  readonly #keys = new WeakMap<Principal, { readonly id: string; written: number }>();
  readonly #writing = new Set<Promise<void>>();

  constructor(tools: IamTools) {
    this.#tools = tools;
  }

  /** `used` is when the key's use was last written, epoch ms. */
  watch(principal: Principal, key: { readonly id: string; readonly used: number | null }): void {
    this.#keys.set(principal, { id: key.id, written: key.used ?? -EVERY_MS });
  }

  note({ principal, action, region }: AccessRequest): void {
    const key = this.#keys.get(principal);
    const now = this.#tools.clock.now();
    if (!key || now - key.written < EVERY_MS) return;
    key.written = now;
    const service = action.slice(0, action.indexOf(':'));
    const writing = this.#tools.commits
      .commit([write(keySql.setUsed, [now, service, region, key.id])])
      .catch((error: unknown) => this.#tools.log.warn('the use of an access key was not recorded', { error: messageOf(error) }))
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  /** Resolves when everything noted is written. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }
}
