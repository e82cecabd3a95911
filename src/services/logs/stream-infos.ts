import type { LogStore } from '../../ports/logs.ts';

export type StreamInfo = Awaited<ReturnType<LogStore['info']>>;

/** What is known of this many streams is kept; a group may have one for every build there ever was. */
const MOST = 50_000;

/** How far each stream reaches, in memory until it is written to: whoever follows a group asks for all of its streams every few seconds. */
export class StreamInfos {
  readonly #logs: LogStore;
  readonly #known = new Map<string, Promise<StreamInfo>>();

  constructor(logs: LogStore) {
    this.#logs = logs;
  }

  get(id: string): Promise<StreamInfo> {
    const known = this.#known.get(id);
    if (known) return known;
    const info = this.#logs.info(id);
    this.#known.set(id, info);
    info.catch(() => this.#known.delete(id));
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
    return info;
  }

  /** To be called once a stream has been written to or deleted. */
  forget(id: string): void {
    this.#known.delete(id);
  }
}
