import type { Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import { forward } from '../runtimes/forward.ts';

/**
 * Where AWS's containers fetch credentials by AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, on port 80. SDKs know no other address for it:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export const CREDENTIALS_ADDRESS = '169.254.170.2';

/**
 * Answers there for the server, where that is an address of this machine: that of a network of the engine's, or one that its
 * administrator gave it. We give it none: on AWS's own machines somebody else answers there.
 */
export class CredentialsAddress {
  readonly #log: Logger;
  #listening: { readonly url: string; readonly server: Promise<Server | undefined> } | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Whether the server with this base URL is reached there. */
  async answers(url: string): Promise<boolean> {
    const known = this.#listening;
    if (known?.url === url) return (await known.server) !== undefined;
    const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
    if (!addresses.includes(CREDENTIALS_ADDRESS)) return false;
    const closed = this.close();
    const server = closed.then(() => this.#listen(url));
    this.#listening = { url, server };
    return (await server) !== undefined;
  }

  async close(): Promise<void> {
    const listening = this.#listening;
    this.#listening = undefined;
    const server = await listening?.server;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  async #listen(url: string): Promise<Server | undefined> {
    try {
      const server = await forward(CREDENTIALS_ADDRESS, 80, new URL(url));
      server.unref();
      return server;
    } catch (error) {
      this.#log.warn('builds find no credentials at AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', {
        address: `${CREDENTIALS_ADDRESS}:80`,
        error: messageOf(error),
      });
      return undefined;
    }
  }
}
