// Bundles the programs into dist/: few files load fast. libsql stays outside, because it is native.
import { build } from 'esbuild';
import { existsSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
const programs = { cli: 'src/main/cli.ts', runner: 'src/main/runner-main.ts' };
const entryPoints = Object.fromEntries(Object.entries(programs).filter(([, file]) => existsSync(file)));
await build({
  entryPoints,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunk-[hash]',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  external: ['libsql'],
  // CommonJS dependencies that are bundled ask for `require`.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});
