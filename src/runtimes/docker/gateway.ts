import type { AddressInfo, Server } from 'node:net';
import { messageOf, PipewrightError } from '../../kernel/errors.ts';
import { forward } from '../forward.ts';
import type { Engine } from './engine/find.ts';

interface Attached {
  readonly NetworkSettings?: { readonly Gateway?: string; readonly Networks?: Readonly<Record<string, { readonly Gateway?: string }>> };
}

/**
 * How containers with a network of their own reach the server, which listens on this machine's loopback: through a listener on the
 * address that is the network's gateway, or, where the engine lives in a virtual machine, by the name that its maker gave this machine.
 */
export class Gateways {
  readonly #listeners = new Map<string, Promise<Server>>();

  /** The server's base URL as the container must say it. */
  async endpointFor({ client, info }: Engine, container: string, endpoint: string): Promise<string> {
    const url = new URL(endpoint);
    if (process.platform !== 'linux' || info.OperatingSystem === 'Docker Desktop') return `http://host.docker.internal:${url.port}`;
    const { NetworkSettings: { Gateway, Networks = {} } = {} } = await client.json<Attached>('GET', `/containers/${container}/json`);
    const address = Gateway || Object.values(Networks).find((network) => network.Gateway)?.Gateway;
    if (!address)
      throw new PipewrightError('Unreachable', 'the containers of this network have no gateway: builds could not reach the server');
    const key = `${address} ${url.host}`;
    const listening = this.#listeners.get(key) ?? this.#listen(address, url);
    this.#listeners.set(key, listening);
    const { port } = (await listening).address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  async close(): Promise<void> {
    for (const listening of this.#listeners.values())
      await listening.then(
        (server) => server.close(),
        () => undefined,
      );
    this.#listeners.clear();
  }

  async #listen(address: string, url: URL): Promise<Server> {
    try {
      return await forward(address, 0, url);
    } catch (error) {
      this.#listeners.delete(`${address} ${url.host}`);
      throw new PipewrightError('Unreachable', `builds could not reach the server: nothing can listen on ${address}: ${messageOf(error)}`);
    }
  }
}
