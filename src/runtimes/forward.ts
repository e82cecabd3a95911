import { connect, createServer, type Server } from 'node:net';

/** Listens at `port` (0: any) of one address of this machine, and passes connections on to the server at `url`. Rejects with the system's error. */
export function forward(address: string, port: number, { hostname, port: to }: URL): Promise<Server> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const server = createServer((inner) => {
    const outer = connect(Number(to), host);
    inner.pipe(outer).pipe(inner);
    inner.on('error', () => outer.destroy());
    outer.on('error', () => inner.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve(server));
  });
}
