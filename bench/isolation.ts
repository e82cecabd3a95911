/**
 * What isolation costs: from the wish for a workload to its first byte of output, beside a bare spawn of the same shell in the same run.
 * npm run build && node tools/run.mjs bench/isolation.ts
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessRuntime } from '../src/runtimes/process/runtime.ts';
import { waysToIsolate } from '../test/support/isolation.ts';

const ROUNDS = 40;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function bare(): Promise<number> {
  const began = performance.now();
  const child = spawn('bash', ['-c', 'echo first'], { stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve) => child.stdout.once('data', () => resolve(performance.now() - began)));
}

interface Took {
  readonly prepare: number;
  readonly start: number;
  readonly destroy: number;
}

async function workload(runtime: ProcessRuntime, id: string): Promise<Took> {
  const began = performance.now();
  const { source } = await runtime.prepare(id);
  const prepared = performance.now();
  let seen = (): void => {};
  const first = new Promise<void>((resolve) => (seen = resolve));
  const { exit } = await runtime.start({ id, command: 'bash', args: ['-c', 'echo first'], env: {}, cwd: source, onOutput: () => seen() });
  await first;
  const started = performance.now();
  await exit;
  const ended = performance.now();
  await runtime.destroy(id);
  return { prepare: prepared - began, start: started - prepared, destroy: performance.now() - ended };
}

const folder = mkdtempSync(join(tmpdir(), 'bench-isolation-'));
const ways = [{ name: 'none', path: process.env['PATH'] ?? '' }, ...(await waysToIsolate(folder))];
try {
  for (const { name, path, ...rest } of ways) {
    if ('missing' in rest && rest.missing !== undefined) continue;
    const runtime = new ProcessRuntime(join(folder, name), { isolation: name === 'none' ? 'off' : 'required', path });
    await runtime.isolation();
    const alone: number[] = [];
    const took: Took[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      await runtime.warm();
      const [one, other] = [await bare(), await workload(runtime, `w${round}`)];
      // The first round warms up.
      if (round === 0) continue;
      alone.push(one);
      took.push(other);
    }
    const of = (part: keyof Took): number => median(took.map((one) => one[part]));
    const [spawnMs, ours] = [median(alone), median(took.map(({ prepare, start }) => prepare + start))];
    console.log(
      `isolation ${name.padEnd(10)} bare spawn ${spawnMs.toFixed(1)} ms   make ${of('prepare').toFixed(1)} ms + start ${of('start').toFixed(1)} ms = ${ours.toFixed(1)} ms, ${(ours / spawnMs).toFixed(1)} x, ${(ours - spawnMs).toFixed(1)} ms over it   remove ${of('destroy').toFixed(1)} ms`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
