import { BuildLog } from '../src/runner/output/build-log.ts';
import { Masker } from '../src/runner/output/masker.ts';

/**
 * What masking adds to a build's output: the time that 256 MB take through the masker, beside what they take through the log without it.
 * `node tools/run.mjs bench/mask-output.ts`
 */
const CHUNK = 65_536;
const MEGABYTES = 256;

const words = ['npm', 'install', 'compiling', 'src/index.ts', 'warning:', 'deprecated', 'ok', 'PASS', 'test/unit/router.test.ts', '(5 ms)'];
let seed = 1;
const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;

function chunk(): Buffer {
  let text = '';
  while (text.length < CHUNK) text += words[random(words.length)] + (random(8) === 0 ? '\n' : ' ');
  return Buffer.from(text).subarray(0, CHUNK);
}

const chunks = Array.from({ length: 16 }, chunk);

function timed(write: (bytes: Uint8Array) => void): number {
  const began = performance.now();
  for (let i = 0; i < (MEGABYTES * 1_048_576) / CHUNK; i++) write(chunks[i % chunks.length]!);
  return performance.now() - began;
}

const perGigabyte = (ms: number): string => `${((ms * 1024) / MEGABYTES / 1000).toFixed(2)} s per GB`;

function secret(length: number): string {
  return Array.from({ length }, () => 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'[random(56)]).join('');
}

const log = new BuildLog(() => undefined, Date.now);
console.log(`the log itself: ${perGigabyte(timed((bytes) => log.output(bytes)))}`);
const cases: Readonly<Record<string, readonly string[]>> = {
  'no secret': [],
  'one of 32 characters': [secret(32)],
  'twenty of 20 to 40': Array.from({ length: 20 }, (_, i) => secret(20 + i)),
  'ten of 4 and more': Array.from({ length: 10 }, (_, i) => secret(4 + i)),
  'a key of 3 KB': [Array.from({ length: 48 }, () => secret(64)).join('\n')],
};
for (const [name, values] of Object.entries(cases)) {
  const masker = new Masker(values);
  console.log(`${name}: ${perGigabyte(timed((bytes) => masker.write(bytes, () => undefined)))}`);
}
