import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldersOf, makeFolders, removeTree, type Folders } from '../workspace.ts';
import type { BuildRoom, Rooms } from './isolation/rooms.ts';

/** Where a workload runs. */
export interface HostPlace {
  /** Names its folders. */
  readonly name: string;
  readonly folders: Folders;
  /** Absent: it is not isolated. */
  readonly room?: BuildRoom;
}

/** What a room must have beside what all have. */
export interface Wanted {
  readonly rooms?: Rooms;
  readonly mark: (root: string) => Readonly<Record<string, string>>;
  readonly socket?: { readonly path: string; readonly gid: number } | undefined;
}

/** After so long the next one is made ahead, ms: the workload that took the last one has begun by then. */
const AHEAD_MS = 15;

/** In the scratch folder: whose place it is. */
const OWNER = 'workload';

/** The places of workloads by their ids, and one that was made ahead: a room takes longer to make than a source often does to come. */
export class Places {
  readonly #folder: string;
  readonly #remove: (place: HostPlace) => Promise<void>;
  readonly #taken = new Map<string, HostPlace>();
  #ahead: Promise<HostPlace | undefined> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `remove`: ends what is there and removes its files. */
  constructor(folder: string, remove: (place: HostPlace) => Promise<void>) {
    this.#folder = folder;
    this.#remove = remove;
  }

  of(id: string): HostPlace | undefined {
    return this.#taken.get(id);
  }

  /** Gives the workload a place of its own. */
  async take(id: string, wanted: Wanted): Promise<HostPlace> {
    const ahead = wanted.rooms && !wanted.socket ? this.#ahead : undefined;
    if (ahead) this.#ahead = undefined;
    const place = (await ahead) ?? (await this.#make(id, wanted));
    this.#taken.set(id, place);
    writeFileSync(join(place.folders.scratch, OWNER), id);
    return place;
  }

  /** Nothing is left of it. */
  leave(id: string): void {
    const place = this.#taken.get(id);
    this.#taken.delete(id);
    place?.room?.leave();
  }

  /** Makes a room for a workload to come, in a moment, where there is none; where that fails, the workload will see why. */
  prepare(wanted: Wanted, afterMs = AHEAD_MS): void {
    if (this.#timer || this.#ahead || this.#closed || !wanted.rooms) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#ahead) return;
      const ahead = (this.#ahead = this.#makeAhead(wanted));
      void ahead.then((place) => place?.room?.ready().catch(() => this.#discard(place, ahead)));
    }, afterMs).unref();
  }

  /** Makes nothing ahead any more, and removes what was. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const place = await this.#ahead;
    this.#ahead = undefined;
    if (place) await this.#remove(place);
  }

  /** Which workload's place these folders were; undefined where nobody's. */
  ownerOf(name: string): string | undefined {
    const file = join(foldersOf(this.#folder, name).scratch, OWNER);
    return existsSync(file) ? readFileSync(file, 'utf8') || name : undefined;
  }

  async #makeAhead(wanted: Wanted): Promise<HostPlace | undefined> {
    try {
      return await this.#make(randomUUID(), wanted);
    } catch {
      // The next workload has one made for itself, and says what is wrong.
      return undefined;
    }
  }

  /** It came to nothing; where a workload has it already, that says so. */
  async #discard(place: HostPlace, ahead: Promise<HostPlace | undefined>): Promise<void> {
    if (this.#ahead !== ahead) return;
    this.#ahead = undefined;
    // What cannot be removed now the next life finds.
    await this.#remove(place).catch(() => undefined);
    place.room?.leave();
  }

  async #make(name: string, { rooms, mark, socket }: Wanted): Promise<HostPlace> {
    try {
      const folders = await makeFolders(this.#folder, name);
      if (!rooms) return { name, folders };
      const room = rooms.make({ folders, mark: mark(folders.root), socket });
      // The first program waits for it; while the source comes nobody does.
      room.ready().catch(() => undefined);
      return { name, folders, room };
    } catch (error) {
      const { root, scratch } = foldersOf(this.#folder, name);
      await Promise.all([removeTree(root), removeTree(scratch)]);
      throw error;
    }
  }
}
