// Runs a TypeScript tool: node tools/run.mjs FILE.ts [ARGS]. Node 20 cannot run TypeScript itself.
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, ...args] = process.argv.slice(2);
const dir = await mkdtemp(join('node_modules', '.tool-'));
const outfile = resolve(dir, 'tool.mjs');
try {
  await build({ entryPoints: [file], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external', logLevel: 'warning' });
  process.argv = [process.argv[0], file, ...args];
  await import(pathToFileURL(outfile).href);
} finally {
  await rm(dir, { recursive: true, force: true });
}
