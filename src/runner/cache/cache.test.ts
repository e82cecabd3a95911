import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pattern } from '../artifacts/patterns.ts';
import { Chunker, MAX_CHUNK, MIN_CHUNK } from './chunker.ts';
import { collect, type CachedPlace } from './collect.ts';
import { FolderStore } from './folder-store.ts';
import { decodeManifest, sameEntries } from './manifest.ts';
import { restore } from './restore.ts';
import { save } from './save.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cache-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const store = () => new FolderStore(join(folder, 'store'), 'v');
const places = (root: string, ...texts: readonly string[]): readonly CachedPlace[] =>
  texts.map((text) => ({ root: join(folder, root), pattern: pattern(text) }));

function write(path: string, content: string | Buffer, mode = 0o644): void {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, content, { mode });
}

async function saved(wanted: readonly CachedPlace[], key = 'k') {
  const entries = await collect(wanted);
  return { entries, result: await save(key, entries, wanted, { store: store(), signal }) };
}

async function restored(wanted: readonly CachedPlace[], key = 'k') {
  const manifest = decodeManifest((await store().find(key))!.manifest);
  await restore(manifest, wanted, { store: store(), signal });
  return manifest;
}

function chunksOf(bytes: Buffer, piece: number): readonly Buffer[] {
  const chunker = new Chunker();
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += piece) chunks.push(...chunker.push(bytes.subarray(at, at + piece)));
  const last = chunker.flush();
  return last ? [...chunks, last] : chunks;
}

describe('chunks', () => {
  const bytes = randomBytes(12_000_000);

  it('are the same however the bytes come, and all of them', () => {
    const [whole, ...others] = [12_000_000, 65_536, 999_983].map((piece) => chunksOf(bytes, piece));
    for (const other of others) expect(other.map((chunk) => chunk.length)).toEqual(whole!.map((chunk) => chunk.length));
    expect(Buffer.concat([...whole!]).equals(bytes)).toBe(true);
    for (const chunk of whole!.slice(0, -1)) {
      expect(chunk.length).toBeGreaterThan(MIN_CHUNK);
      expect(chunk.length).toBeLessThanOrEqual(MAX_CHUNK);
    }
  });

  it('change only around what has changed', () => {
    const hashes = (of: Buffer) => new Set(chunksOf(of, 1_000_000).map((chunk) => createHash('sha256').update(chunk).digest('hex')));
    const before = hashes(bytes);
    const after = hashes(Buffer.concat([bytes.subarray(0, 5_000_000), Buffer.from('put in'), bytes.subarray(5_000_000)]));
    expect([...after].filter((hash) => !before.has(hash)).length).toBeLessThanOrEqual(2);
  });

  it('of bytes that are all alike are as long as may be', () => {
    expect(chunksOf(Buffer.alloc(9_000_000), 10_000).map((chunk) => chunk.length)).toEqual([
      MAX_CHUNK,
      MAX_CHUNK,
      9_000_000 - 2 * MAX_CHUNK,
    ]);
  });
});

describe('a cache', () => {
  it('comes back as it was: contents, modes, times, links, empty files and folders', async () => {
    write('a/deps/one', 'one');
    write('a/deps/run.sh', '#!', 0o755);
    write('a/deps/deep/empty', '');
    write('a/deps/large', randomBytes(6_000_000));
    write('a/deps/zzz', 'last');
    mkdirSync(join(folder, 'a/deps/nothing'));
    symlinkSync('../one', join(folder, 'a/deps/deep/link'));
    const before = await saved(places('a', 'deps'));
    await restored(places('b', 'deps'));
    expect(sameEntries(await collect(places('b', 'deps')), before.entries)).toBe(true);
    for (const name of ['one', 'large', 'zzz'])
      expect(readFileSync(join(folder, 'b/deps', name)).equals(readFileSync(join(folder, 'a/deps', name)))).toBe(true);
    expect(readlinkSync(join(folder, 'b/deps/deep/link'))).toBe('../one');
    expect(statSync(join(folder, 'b/deps/run.sh')).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(folder, 'b/deps'))).toContain('nothing');
  });

  it('holds what the patterns say', async () => {
    for (const path of ['m/.hidden/x', 'm/sub/deep/y', 'm/z', 'other/no']) write(`a/${path}`, path);
    const { entries } = await saved(places('a', 'm/**/*', 'absent/**/*', 'other'));
    expect(entries.filter(({ kind }) => kind === 'file').map(({ path }) => path)).toEqual([
      'm/.hidden/x',
      'm/sub/deep/y',
      'm/z',
      'other/no',
    ]);
    expect((await collect(places('a', 'm/*.x', 'm/z'))).map(({ path }) => path)).toEqual(['m/z']);
  });

  it('sends only what the store does not have', async () => {
    write('a/d/big', randomBytes(8_000_000));
    expect((await saved(places('a', 'd'))).result).toEqual({ bytes: 8_000_000, sent: 8_000_000 });
    expect((await saved(places('a', 'd'))).result).toEqual({ bytes: 8_000_000, sent: 0 });
    write('a/d/tail', 'x');
    const { sent } = (await saved(places('a', 'd'))).result;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThanOrEqual(MAX_CHUNK);
  });

  it('replaces what is there, and writes through no link', async () => {
    write('a/d/file', 'cached');
    await saved(places('a', 'd'));
    write('outside', 'untouched');
    mkdirSync(join(folder, 'b/d'), { recursive: true });
    symlinkSync(join(folder, 'outside'), join(folder, 'b/d/file'));
    await restored(places('b', 'd'));
    expect(readFileSync(join(folder, 'outside'), 'utf8')).toBe('untouched');
    expect(lstatSync(join(folder, 'b/d/file')).isFile()).toBe(true);
    mkdirSync(join(folder, 'elsewhere'));
    mkdirSync(join(folder, 'c'));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'c/d'));
    await expect(restored(places('c', 'd'))).rejects.toThrow('is no folder');
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
  });

  it('that is damaged is not given out as whole', async () => {
    write('a/d/file', randomBytes(100_000));
    await saved(places('a', 'd'));
    const [name = ''] = readdirSync(join(folder, 'store/chunks'));
    chmodSync(join(folder, 'store/chunks', name), 0o600);
    writeFileSync(join(folder, 'store/chunks', name), randomBytes(100_000));
    await expect(restored(places('b', 'd'))).rejects.toThrow('damaged');
    rmSync(join(folder, 'store/chunks', name));
    await expect(restored(places('b', 'd'))).rejects.toThrow('no longer there');
  });

  it('that a program still writes to is not saved', async () => {
    write('a/d/file', 'some');
    const entries = await collect(places('a', 'd'));
    write('a/d/file', 'some more');
    await expect(save('k', entries, places('a', 'd'), { store: store(), signal })).rejects.toThrow('changed while it was read');
    expect(await store().find('k')).toBeUndefined();
  });

  it('is found by the newest of the keys that begin so', async () => {
    write('a/d/file', 'x');
    for (const key of ['npm-1', 'npm-2', 'pip/1 é']) await saved(places('a', 'd'), key);
    expect((await store().findNewest('npm-'))?.key).toBe('npm-2');
    expect((await store().findNewest('pip/'))?.key).toBe('pip/1 é');
    expect(await store().findNewest('go')).toBeUndefined();
    expect(await store().find('npm-')).toBeUndefined();
  });

  it('sweeps chunks that nothing names, but no young ones', async () => {
    write('a/d/file', 'first');
    await saved(places('a', 'd'));
    write('a/d/file', 'second');
    await saved(places('a', 'd'));
    await store().sweep(0);
    expect((await store().chunks()).size).toBe(2);
    await store().sweep(Date.now() + 1_000);
    expect((await store().chunks()).size).toBe(1);
    await restored(places('b', 'd'));
    expect(readFileSync(join(folder, 'b/d/file'), 'utf8')).toBe('second');
  });

  it('of any files comes back', async () => {
    const name = fc.stringMatching(/^[a-z]{1,3}$/);
    const tree = fc.dictionary(
      fc.tuple(name, name).map((parts) => parts.join('/')),
      fc.uint8Array({ maxLength: 2_000 }),
      { maxKeys: 20 },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(tree, async (files) => {
        run++;
        for (const [path, bytes] of Object.entries(files)) write(`${run}/in/d/${path}`, Buffer.from(bytes));
        const { entries } = await saved(places(`${run}/in`, 'd'), `${run}`);
        await restored(places(`${run}/out`, 'd'), `${run}`);
        expect(sameEntries(await collect(places(`${run}/out`, 'd')), entries)).toBe(true);
        for (const [path, bytes] of Object.entries(files))
          expect(readFileSync(join(folder, `${run}/out/d`, path)).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});
