import type { PipewrightClient } from '../client/client.ts';

/**
 * Tells that something has happened on the server, through its live event stream. What happened is asked of the API: a lost
 * stream costs nothing but a reconnection.
 */
export class WakeUps {
  readonly #client: PipewrightClient;
  readonly #abort = new AbortController();
  #pending = false;
  #waiting: (() => void) | undefined;

  constructor(client: PipewrightClient) {
    this.#client = client;
    void this.#follow();
  }

  /** Resolves at the next wake-up, or at once where one came since the last call; at the latest after `ms`. */
  async next(ms: number): Promise<void> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#waiting = undefined;
    this.#pending = false;
  }

  close(): void {
    this.#abort.abort();
    this.#ring();
  }

  #ring(): void {
    this.#pending = true;
    this.#waiting?.();
  }

  async #follow(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      try {
        const signal = this.#abort.signal;
        const { stream } = await this.#client.fetch({ method: 'GET', path: '/_pipewright/events', service: 'pipewright', signal });
        for await (const chunk of stream) if (Buffer.from(chunk).includes('data:')) this.#ring();
      } catch {
        // The next look at the API says what is wrong, if it is more than the stream.
      }
      this.#ring();
      await new Promise((resolve) => setTimeout(resolve, 500).unref());
    }
  }
}
