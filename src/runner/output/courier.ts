import type { PipewrightClient } from '../../client/client.ts';
import { PipewrightError } from '../../kernel/errors.ts';
import type { BuildOutput } from '../../services/pipewright/api.gen.ts';

/** What is due so soon after the first goes along with it, ms. */
const GATHER_MS = 2;
/** Of messages in one call, characters; one batch of a build may be as large as it is. */
const MOST = 4_000_000;

interface Waiting {
  readonly output: BuildOutput;
  readonly size: number;
  resolve(this: void): void;
  reject(this: void, error: unknown): void;
}

const sizeOf = ({ events }: BuildOutput): number => events.reduce((sum, { message }) => sum + message.length, 0);

/** Takes the output of all builds of a runner to the server: what is due at the same time is one call, for twenty builds as for one. */
export class OutputCourier {
  readonly #api: () => PipewrightClient['pipewright'];
  #waiting: Waiting[] = [];

  /** `api`: the client as it is now; a restarted server brings a new one. */
  constructor(api: () => PipewrightClient['pipewright']) {
    this.#api = api;
  }

  /** Tries once. Rejects with the code StaleLeaseException where the build is no longer ours, and as the call does. */
  deliver(output: BuildOutput): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ output, size: sizeOf(output), resolve, reject });
      if (this.#waiting.length === 1) setTimeout(() => this.#go(), GATHER_MS);
    });
  }

  #go(): void {
    while (this.#waiting.length > 0) void this.#send(this.#next());
  }

  #next(): readonly Waiting[] {
    let size = 0;
    const end = this.#waiting.findIndex((one, index) => (size += one.size) > MOST && index > 0);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const { rejections } = await this.#api().appendOutput({ outputs: batch.map(({ output }) => output) });
      for (const { output, resolve, reject } of batch) {
        const refused = rejections.find(({ buildArn }) => buildArn === output.buildArn);
        if (refused) reject(new PipewrightError(refused.code, refused.message));
        else resolve();
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
