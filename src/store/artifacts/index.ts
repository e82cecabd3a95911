import { mkdirSync, rmSync } from 'node:fs';
import type { ArtifactEntry, Artifacts } from '../../ports/artifacts.ts';
import type { BlobRef, Blobs, ByteStream } from '../../ports/blobs.ts';
import { packZip } from './pack.ts';
import { checkLink, checkTree, invalidArchive } from '../../kernel/zip/paths.ts';
import { readContent } from './read-content.ts';
import { readDirectory } from './read-directory.ts';
import type { Limits, LocatedEntry } from './read-directory.ts';

const LIMITS: Limits = { entries: 500_000, bytes: 64 * 1024 ** 3 };
const LONGEST_LINK = 4096;

async function text(stream: ByteStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Artifacts over a blob store. `dir`, a folder of ours alone, takes content that is packed as a stream; it is emptied here. */
export function createArtifacts({ blobs, dir }: { readonly blobs: Blobs; readonly dir: string }): Artifacts {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  /** Where the entries that we gave out lie. An entry that came another way (through JSON) is looked up again. */
  const places = new WeakMap<ArtifactEntry, LocatedEntry>();

  const load = async (blob: BlobRef, limits: Limits): Promise<readonly LocatedEntry[]> => {
    const located = await readDirectory(await blobs.path(blob.sha256), limits);
    checkTree(located.map(({ entry }) => entry));
    for (const place of located) {
      if (place.entry.kind === 'symlink') await checkTarget(blob, place);
      places.set(place.entry, place);
    }
    return located;
  };

  const checkTarget = async (blob: BlobRef, place: LocatedEntry): Promise<void> => {
    if (place.entry.size > LONGEST_LINK) throw invalidArchive(`entry ${JSON.stringify(place.entry.path)}: the link is too long`);
    checkLink(place.entry.path, await text(readContent(blobs, blob.sha256, place)));
  };

  const find = async (blob: BlobRef, entry: ArtifactEntry): Promise<LocatedEntry> => {
    const known = places.get(entry) ?? (await load(blob, LIMITS)).find((place) => place.entry.path === entry.path);
    if (!known) throw invalidArchive(`no entry ${JSON.stringify(entry.path)}`);
    return known;
  };

  async function* read(blob: BlobRef, entry: ArtifactEntry): AsyncGenerator<Uint8Array> {
    yield* readContent(blobs, blob.sha256, await find(blob, entry));
  }

  return {
    pack: (files) => blobs.put(packZip(files, dir)),
    entries: async (blob, limits) => (await load(blob, { ...LIMITS, ...limits })).map(({ entry }) => entry),
    read,
  };
}
