/**
 * A source of 10,000 files as a zip: packed and unpacked beside the system's zip (storing, as ours does, and deflating) and unzip.
 * Run: node tools/run.mjs bench/zips.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from '../src/runner/artifacts/pack.ts';
import { select } from '../src/runner/artifacts/select.ts';
import { unzip } from '../src/runner/source/unzip.ts';

const ROUNDS = 7;
const folder = mkdtempSync(join(tmpdir(), 'pipewright-bench-'));
const at = (...names: readonly string[]): string => join(folder, ...names);
const run = (cwd: string, command: string, ...args: readonly string[]) =>
  execFileSync(command, [...args], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });

const times = new Map<string, number[]>();
async function timed(name: string, work: () => unknown): Promise<void> {
  const start = performance.now();
  await work();
  times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
}
const median = (name: string): number => times.get(name)!.toSorted((a, b) => a - b)[Math.floor(times.get(name)!.length / 2)]!;
function told(name: string, ...floors: readonly string[]): void {
  const ratios = floors.map((floor) => `${(median(name) / median(floor)).toFixed(2)} × ${floor} (${median(floor).toFixed(0)} ms)`);
  console.log(`${name.padEnd(28)} ${median(name).toFixed(0).padStart(6)} ms   ${ratios.join('   ')}`);
}

const LINE = 'export const value = (input: number): number => input * 31 + 7; // as sources are\n';

async function packOurs(): Promise<void> {
  const source = at('in');
  const workspace = { root: source, locate: (path: string) => ({ path, within: source }) };
  const spec = { files: ['**/*'], discardPaths: false, excludePaths: [], enableSymlinks: false };
  const files = await select(spec, { sourceDir: source, workspace }, () => undefined);
  await pack(files, at('ours.zip'));
}

try {
  for (let file = 0; file < 10_000; file++) {
    if (file < 200) mkdirSync(at('in', String(file)), { recursive: true });
    writeFileSync(at('in', String(file % 200), `${file}.ts`), `// ${file}\n${LINE.repeat(1 + ((file * 7919) % 150))}`);
  }
  for (let round = 0; round < ROUNDS; round++) {
    await timed('pack', packOurs);
    await timed('zip -0', () => run(at('in'), 'zip', '-qr0', at('stored.zip'), '.'));
    await timed('zip', () => run(at('in'), 'zip', '-qr', at('deflated.zip'), '.'));
    mkdirSync(at('out'));
    await timed('unpack what was deflated', () => unzip(at('deflated.zip'), at('out')));
    await timed('unzip', () => run(folder, 'unzip', '-q', at('deflated.zip'), '-d', at('unzipped')));
    for (const name of ['out', 'unzipped', 'ours.zip', 'stored.zip', 'deflated.zip']) rmSync(at(name), { recursive: true });
  }
  told('pack', 'zip -0', 'zip');
  told('unpack what was deflated', 'unzip');
} finally {
  rmSync(folder, { recursive: true });
}
