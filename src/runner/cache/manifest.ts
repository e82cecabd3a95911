import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isObject } from '../../kernel/json.ts';

/** Something in a cached folder. */
export interface Entry {
  /** Which of the cache's paths it belongs to, counted from 0. */
  readonly place: number;
  /** Relative to that path's folder, with forward slashes. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Permission bits. */
  readonly mode: number;
  /** Bytes; 0 for what is no file. */
  readonly size: number;
  /** Milliseconds; 0 for what is no file. */
  readonly modified: number;
  /** Of links. */
  readonly target?: string;
}

export interface ChunkReference {
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  readonly size: number;
}

/** What a cache holds. The chunks, one after the other, are the contents of the files in the order of the entries. */
export interface Manifest {
  readonly entries: readonly Entry[];
  readonly chunks: readonly ChunkReference[];
}

const FORMAT = 'pipewright/cache/1';

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function encodeManifest({ entries, chunks }: Manifest): Buffer {
  const rows = entries.map(({ place, path, kind, mode, size, modified, target = null }) => [
    place,
    path,
    kind,
    mode,
    size,
    modified,
    target,
  ]);
  return gzipSync(JSON.stringify({ format: FORMAT, entries: rows, chunks: chunks.map(({ hash, size }) => [hash, size]) }), { level: 1 });
}

/** Throws for what is no manifest of ours. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const value: unknown = JSON.parse(gunzipSync(bytes).toString());
  if (!isObject(value) || value['format'] !== FORMAT) throw new Error('it is of another format');
  const rows = value['entries'] as readonly (readonly [number, string, Entry['kind'], number, number, number, string | null])[];
  const entries = rows.map(([place, path, kind, mode, size, modified, target]) => ({
    place,
    path,
    kind,
    mode,
    size,
    modified,
    ...(target !== null && { target }),
  }));
  const chunks = (value['chunks'] as readonly (readonly [string, number])[]).map(([hash, size]) => ({ hash, size }));
  return { entries, chunks };
}

/** Whether both hold the same, as far as names, sizes and times tell. */
export function sameEntries(a: readonly Entry[], b: readonly Entry[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, index) => {
      const other = b[index]!;
      return (
        one.place === other.place &&
        one.path === other.path &&
        one.kind === other.kind &&
        one.mode === other.mode &&
        one.size === other.size &&
        one.modified === other.modified &&
        one.target === other.target
      );
    })
  );
}
