// Bundles the programs into dist/: few files load fast. libsql stays outside, because it is native.
import { build } from 'esbuild';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = join(root, 'dist');

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: { cli: 'src/main/cli.ts', runner: 'src/main/runner-main.ts' },
  outdir: dist,
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
  write: false,
});

// Programs may be running from dist while it is built anew: each file is whole at every moment, and entries come after what they import.
mkdirSync(dist, { recursive: true });
const names = new Set(outputFiles.map(({ path }) => basename(path)));
const chunksFirst = outputFiles.toSorted((a, b) => Number(basename(b.path).startsWith('chunk-')) - Number(basename(a.path).startsWith('chunk-')));
for (const { path, contents } of chunksFirst) {
  writeFileSync(`${path}.${process.pid}`, contents);
  renameSync(`${path}.${process.pid}`, path);
}
for (const name of readdirSync(dist)) if (/\.js(\.map)?$/.test(name) && !names.has(name)) rmSync(join(dist, name), { force: true });
