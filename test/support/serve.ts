// A server as a process of its own, so that tests can kill it: serve.mjs DATA PORT. Prints the root key and address as JSON.
import { startServer } from '../../src/main/server.ts';
import { buildOptions } from './build-options.ts';

const [data = '', port = '0'] = process.argv.slice(2);
const settings = {
  port: Number(port),
  host: '127.0.0.1',
  data,
  account: '000000000000',
  region: 'us-east-1',
  auth: 'sigv4',
  allowReset: false,
  ...buildOptions(),
} as const;
const { endpoint, credentials } = await startServer(settings);
process.stdout.write(`${JSON.stringify({ endpoint, credentials })}\n`);
