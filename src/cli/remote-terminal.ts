import { randomUUID } from 'node:crypto';
import type { PipewrightClient } from '../client/client.ts';
import type { DebugOrder } from '../services/pipewright/api.gen.ts';
import { patiently } from './patiently.ts';

/** Of one order: what was typed, or pasted. */
const LARGEST = 32 * 1024;
const WAIT_SECONDS = 15;

type Order = Omit<DebugOrder, 'sequence'>;

/** One end of a terminal beside a build, whose other end its runner has: through the server, whose restart it gets over. */
export class RemoteTerminal {
  readonly #api: PipewrightClient['pipewright'];
  readonly #place: { readonly buildId: string; readonly sessionId: string };
  #sequence = 0;
  #last: Promise<void> = Promise.resolve();
  #typed = Buffer.alloc(0);

  constructor(client: PipewrightClient, buildId: string) {
    this.#api = client.pipewright;
    this.#place = { buildId, sessionId: randomUUID() };
  }

  /** Resolves when the runner has it. Orders go one after the other. */
  order(order: Order): Promise<void> {
    const sent = this.#last.then(() => this.#send({ ...order, sequence: ++this.#sequence }));
    // Whoever asked is told; the next order is tried all the same.
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  /** What is typed while an order is on its way goes together with the next. */
  type(bytes: Uint8Array): Promise<void> {
    this.#typed = Buffer.concat([this.#typed, bytes]);
    return this.#last.then(async () => {
      while (this.#typed.length > 0) {
        const data = this.#typed.subarray(0, LARGEST);
        this.#typed = this.#typed.subarray(LARGEST);
        await this.order({ kind: 'INPUT', data });
      }
    });
  }

  /** Hands on all that is written until the program there has ended; its exit status, or undefined where the build ended before. */
  async follow(write: (data: Uint8Array) => void): Promise<number | undefined> {
    let position = 0;
    for (;;) {
      const from = position;
      const answer = await patiently(() => this.#api.readDebugOutput({ ...this.#place, position: from, waitSeconds: WAIT_SECONDS }));
      if (answer.data.length > 0) write(answer.data);
      position = answer.position + answer.data.length;
      if (answer.data.length > 0) continue;
      if (answer.exitCode !== undefined) return answer.exitCode;
      if (answer.ended) return undefined;
    }
  }

  async #send(order: DebugOrder): Promise<void> {
    while (!(await patiently(() => this.#api.sendDebugOrder({ ...this.#place, order }))).taken);
  }
}
