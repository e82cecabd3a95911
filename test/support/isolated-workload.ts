/** A program for tests: runs a script isolated, as the user that it runs as itself. Arguments: a folder, a PATH, the script. */
import { mkdirSync } from 'node:fs';
import { ProcessRuntime } from '../../src/runtimes/process/runtime.ts';

const [folder = '', path = '', script = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const runtime = new ProcessRuntime(folder, { isolation: 'auto', path });
const detected = await runtime.isolation();
if ('missing' in detected) {
  console.log(`missing ${detected.missing}`);
} else {
  console.log(`by ${detected.method}`);
  const { source } = await runtime.prepare('w');
  const onOutput = (chunk: Uint8Array): void => void process.stdout.write(chunk);
  const { exit } = await runtime.start({ id: 'w', command: 'bash', args: ['-c', script], env: { A: 'b' }, cwd: source, onOutput });
  const { code } = await exit;
  await runtime.handOver('w');
  await runtime.destroy('w');
  console.log(`ended ${code}`);
}
process.exit();
