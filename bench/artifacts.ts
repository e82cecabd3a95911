/** Ten thousand files of 6.5 kB: as one stored zip, and as a blob each. Run: node tools/run.mjs bench/artifacts.ts */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/kernel/clock.ts';
import type { ArtifactFile } from '../src/ports/artifacts.ts';
import { createArtifacts } from '../src/store/artifacts/index.ts';
import { openFileBlobs } from '../src/store/blobs/index.ts';

const FILES = 10_000;
const dir = mkdtempSync(join(tmpdir(), 'pipewright-bench-'));

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `${name.padEnd(34)} ${(performance.now() - start).toFixed(0).padStart(6)} ms   ${((user + system) / 1000).toFixed(0).padStart(6)} ms CPU`,
  );
  return result;
}

async function atOnce(work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < FILES) await work(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

try {
  const blobs = await openFileBlobs({ dir: join(dir, 'blobs'), clock: systemClock });
  const artifacts = createArtifacts({ blobs, dir: join(dir, 'tmp') });
  for (let round = 0; round < 3; round++) {
    const files = Array.from({ length: FILES }, (_, i): ArtifactFile => ({
      path: `src/${i % 100}/file-${i}.txt`,
      mode: 0o644,
      kind: 'file',
      content: randomBytes(6450),
    }));
    const blob = await timed('pack into one stored zip', () => artifacts.pack(files));
    const entries = await timed('read its directory', () => artifacts.entries(blob));
    await timed('read every file', async () => {
      for (const entry of entries) for await (const chunk of artifacts.read(blob, entry)) if (chunk.length === 0) throw new Error('empty');
    });
    await timed('put every file as a blob, 16 at once', () => atOnce((i) => blobs.put(files[i]!.content as Uint8Array)));
  }
} finally {
  rmSync(dir, { recursive: true });
}
