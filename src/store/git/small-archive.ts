import { crc32 } from 'node:zlib';
import { centralHeader, directoryEnd, localHeader, type ZipEntry } from '../../kernel/zip/format.ts';
import type { ObjectReaders } from './object-readers.ts';
import { parseCommit, parseTree } from './objects.ts';

/** Beyond either of them `git archive` streams what would not fit into memory. */
const MOST_ENTRIES = 2_000;
const MOST_BYTES = 16 * 1024 * 1024;

interface Listed {
  readonly path: string;
  /** Six octal digits. */
  readonly mode: string;
  readonly id: string;
}

/**
 * The zip of a small commit, made from objects that a running `git cat-file` reads: no process is started for it, which is most of
 * what `git archive` takes. Undefined where that is better asked: large ones, and whatever is not as it should be.
 */
export async function smallArchive(readers: ObjectReaders, repository: string, commit: string): Promise<Buffer | undefined> {
  const object = await readers.read(repository, commit);
  if (object?.type !== 'commit') return undefined;
  const listed = await list(readers, repository, parseCommit(object).tree);
  if (!listed) return undefined;
  const files = listed.filter(({ mode }) => !isFolder(mode));
  let bytes = 0;
  const contents = await readers.readAll(repository, ids(files), MOST_BYTES);
  for (const content of contents) bytes += content?.content?.length ?? Infinity;
  if (bytes > MOST_BYTES) return undefined;
  const content = new Map(files.map(({ path }, index) => [path, contents[index]!.content!]));
  return zip(listed, content);
}

const ids = (entries: readonly Listed[]): readonly string[] => entries.map(({ id }) => id);

/** A submodule is an empty folder, as in `git archive`. */
const isFolder = (mode: string): boolean => mode === '040000' || mode === '160000';

/** Everything below a tree, folders before what is in them; level by level, so that each level is one question. */
async function list(readers: ObjectReaders, repository: string, root: string): Promise<readonly Listed[] | undefined> {
  const found: Listed[] = [];
  for (let level: readonly Listed[] = [{ path: '', mode: '040000', id: root }]; level.length > 0;) {
    const trees = await readers.readAll(repository, ids(level));
    if (!trees.every((tree) => tree?.type === 'tree')) return undefined;
    const below = level.flatMap(({ path }, index) =>
      parseTree(trees[index]!).map(({ name, mode, id }) => ({ path: path === '' ? name : `${path}/${name}`, mode, id })),
    );
    found.push(...below);
    if (found.length > MOST_ENTRIES) return undefined;
    level = below.filter(({ mode }) => mode === '040000');
  }
  return found;
}

function zip(listed: readonly Listed[], content: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  const entries: ZipEntry[] = [];
  let offset = 0;
  for (const { path, mode } of listed) {
    const bytes = content.get(path) ?? Buffer.alloc(0);
    const name = Buffer.from(isFolder(mode) ? `${path}/` : path);
    const entry = { name, mode: modeOf(mode), crc32: crc32(bytes), size: bytes.length, offset };
    const header = localHeader(entry);
    parts.push(header, bytes);
    entries.push(entry);
    offset += header.length + bytes.length;
  }
  const directory = Buffer.concat(entries.map(centralHeader));
  return Buffer.concat([...parts, directory, directoryEnd(entries.length, offset, directory.length)]);
}

/** As a file system has it: git keeps only whether a file can be executed. */
function modeOf(mode: string): number {
  return isFolder(mode) ? 0o040755 : Number.parseInt(mode, 8);
}
