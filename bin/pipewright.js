#!/usr/bin/env node
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`pipewright needs Node.js 20.19 or newer; this is ${process.versions.node}.\n`);
  process.exit(2);
}
const program = new URL('../dist/cli.js', import.meta.url);
if (!existsSync(program)) {
  process.stderr.write('pipewright is not built yet: run `npm ci`, or `npm run build`.\n');
  process.exit(2);
}
await import(program.href);
