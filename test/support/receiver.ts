import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bytesOf } from './edge.ts';

/** A request that somebody has posted to us. */
export interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A web server that writes down what it is sent, and answers what it is told to. */
export class Receiver {
  readonly posts: Posted[] = [];
  /** The status of the next answers, by path; 200 otherwise. `hang` never answers. */
  answer: (post: Posted) => number | 'hang' = () => 200;
  readonly #server: Server;
  #heard: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(port = 0): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      void bytesOf(request).then((bytes) => {
        const post = { path: request.url!, headers: request.headers, text: bytes.toString() };
        const status = receiver.answer(post);
        receiver.posts.push(post);
        if (status !== 'hang') response.writeHead(status).end('heard');
        for (const heard of receiver.#heard.splice(0)) heard();
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The n-th post (from 1) that fits, once it has come. */
  async post(fits: (post: Posted) => boolean = () => true, n = 1): Promise<Posted> {
    for (;;) {
      const found = this.posts.filter(fits)[n - 1];
      if (found) return found;
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** What was posted, as the JSON that it is. */
export const json = (post: Posted): Record<string, string> => JSON.parse(post.text) as Record<string, string>;
