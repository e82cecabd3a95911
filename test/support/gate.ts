import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What builds wait at until a test lets them go on: an address, since isolated builds see no file of the test. */
export class Gate {
  readonly #server: Server;
  #open = false;

  private constructor() {
    this.#server = createServer((_request, response) => response.writeHead(this.#open ? 200 : 503).end());
  }

  static async make(): Promise<Gate> {
    const gate = new Gate();
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  /** A build's command: it ends once the gate is open. */
  get command(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `while ! curl -sf -o /dev/null http://127.0.0.1:${port}/; do sleep 0.02; done`;
  }

  open(): void {
    this.#open = true;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
