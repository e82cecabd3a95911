import type { ByteStream } from './blobs.ts';
import type { SpawnedProcess } from './spawn.ts';

/** The id of a git object: 40 lower-case hex digits. */
export type Oid = string;

/** Who wrote a commit and when; `offset` is the time zone as git writes it, `+0200`. */
export interface GitPerson {
  readonly name: string;
  readonly email: string;
  /** Epoch seconds. */
  readonly seconds: number;
  readonly offset: string;
}

export interface GitCommit {
  readonly id: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: GitPerson;
  readonly committer: GitPerson;
  readonly message: string;
}

/** Six octal digits: 100644, 100755, 120000 (symbolic link), 040000 (folder), 160000 (submodule). */
export type GitMode = string;

export interface GitTreeEntry {
  readonly name: string;
  readonly mode: GitMode;
  readonly id: Oid;
}

/** One file that differs between two trees; `before` is absent for an added file, `after` for a deleted one. */
export interface GitChange {
  readonly path: string;
  readonly before?: { readonly mode: GitMode; readonly id: Oid };
  readonly after?: { readonly mode: GitMode; readonly id: Oid };
}

/** What changed between two commits, in lines. */
export interface GitStat {
  readonly files: readonly GitFileStat[];
  /** Of all files, those left out above included. */
  readonly count: number;
  readonly insertions: number;
  readonly deletions: number;
}

export interface GitFileStat {
  readonly path: string;
  readonly insertions: number;
  readonly deletions: number;
  /** Git counts no lines in it. */
  readonly binary: boolean;
}

/** One step of a commit to be written. `content` is stored as a new blob; `id` names one that is there. */
export type GitEdit =
  | { readonly kind: 'put'; readonly path: string; readonly mode: GitMode; readonly content: Uint8Array | { readonly id: Oid } }
  | { readonly kind: 'delete'; readonly path: string };

export interface NewCommit {
  /** `refs/heads/…`: moved to the new commit if it still stands at `parent` (if it does not exist, where there is no parent). */
  readonly ref: string;
  readonly parent?: Oid;
  readonly author: GitPerson;
  readonly committer: GitPerson;
  readonly message: string;
  readonly edits: readonly GitEdit[];
}

/** A reference to be moved: from what it must be now (undefined: must not exist) to what it becomes (undefined: deleted). */
export interface RefUpdate {
  readonly ref: string;
  readonly from: Oid | undefined;
  readonly to: Oid | undefined;
}

/** The services of git's smart protocol. */
export type GitServiceName = 'git-upload-pack' | 'git-receive-pack';

export interface ServeRequest {
  readonly service: GitServiceName;
  /** Only list the references and capabilities (the first request of a conversation). */
  readonly advertise: boolean;
  /** The client's Git-Protocol header: `version=2`. */
  readonly protocol?: string;
  readonly stdin?: ByteStream;
  readonly signal?: AbortSignal;
}

/**
 * Bare repositories, each under an opaque id (letters, digits, `-`). The repository on disk is the authority on its references.
 * Unless said otherwise a method rejects with code NoSuchRepository where the repository is not there, and with code GitFailed
 * where git itself failed. What is answered by a write is on disk.
 */
export interface GitRepositories {
  /** Makes an empty repository whose HEAD names `branch`. */
  create(repository: string, branch?: string): Promise<void>;
  /** Succeeds also where there is none. */
  delete(repository: string): Promise<void>;
  /** The ids of all repositories, the caches of foreign ones among them. */
  list(): Promise<readonly string[]>;
  /** All references (branches, tags, notes, …) by full name, in the order of their names. */
  refs(repository: string): Promise<ReadonlyMap<string, Oid>>;
  /** What HEAD names: `refs/heads/main`, whether or not that exists. */
  head(repository: string): Promise<string>;
  setHead(repository: string, ref: string): Promise<void>;
  /** All or none. Rejects with code RefConflict where a reference is not what `from` says. */
  updateRefs(repository: string, updates: readonly RefUpdate[]): Promise<void>;
  /** Makes sure that these references, and the objects that came with them, survive a power cut. */
  sync(repository: string, refs: Iterable<string>): Promise<void>;
  /** Gathers packs and references that have piled up; cheap where there is nothing to do. Safe beside readers and pushes. */
  maintain(repository: string): Promise<void>;
}

/** Objects by id; undefined where there is none or it is of another kind. */
export interface GitObjects {
  /** The commit that an id leads to: itself, or what an annotated tag points at. */
  peel(repository: string, id: Oid): Promise<Oid | undefined>;
  commit(repository: string, id: Oid): Promise<GitCommit | undefined>;
  tree(repository: string, id: Oid): Promise<readonly GitTreeEntry[] | undefined>;
  /** Rejects with code BlobTooLarge where it has more than `limit` bytes. */
  blob(repository: string, id: Oid, limit?: number): Promise<Uint8Array | undefined>;
  /** What differs between two trees (undefined: the empty tree), in the order of git's paths; renames are a delete and an add. */
  diff(repository: string, before: Oid | undefined, after: Oid | undefined): AsyncIterable<GitChange>;
  /** The commits from `from` back that changed `path`, newest first. */
  history(repository: string, from: Oid, path: string): Promise<readonly Oid[]>;
  /** Where two lines of history parted; undefined where they have nothing in common. */
  mergeBase(repository: string, one: Oid, other: Oid): Promise<Oid | undefined>;
  /** The commits that `to` has and `from` has not (all of its history where there is no `from`), newest first; at most `limit`. */
  log(repository: string, from: Oid | undefined, to: Oid, limit: number, signal?: AbortSignal): Promise<readonly GitCommit[]>;
  /** How `to` relates to `from`: whether each has commits that the other has not. */
  relation(repository: string, from: Oid, to: Oid, signal?: AbortSignal): Promise<{ readonly ahead: boolean; readonly behind: boolean }>;
  /** Lines added and deleted between two commits; of the files at most `limit`, in the order of git's paths. Renames are a delete and an add. */
  numstat(repository: string, from: Oid, to: Oid, limit: number, signal?: AbortSignal): Promise<GitStat>;
  /** Writes a commit and moves the branch, or rejects with code RefConflict and moves nothing. */
  write(repository: string, change: NewCommit): Promise<{ readonly commit: Oid; readonly tree: Oid }>;
  /** The files of a commit. The zip is stored, not deflated. Ends with an error where the commit is not there. */
  archive(repository: string, commit: Oid, format: 'zip' | 'tar', signal?: AbortSignal): ByteStream;
}

/** The smart protocol, served statelessly. */
export interface GitTransport {
  /** One request of a conversation: what the client sent goes in, what it is to be answered comes out. */
  serve(repository: string, request: ServeRequest): SpawnedProcess;
}

/** How a foreign repository is reached. */
export interface RemoteAccess {
  readonly username?: string;
  readonly password?: string;
  /** How much of its history comes with a commit: so many commits, or what was committed since (epoch seconds). None where not given. */
  readonly history?: { readonly depth: number } | { readonly since: number };
  readonly signal?: AbortSignal;
}

export interface GitRemotes {
  /** Branches, tags and HEAD of a foreign repository. Rejects with code RemoteFailed. */
  lsRemote(url: string, access?: RemoteAccess): Promise<ReadonlyMap<string, Oid>>;
  /** Fetches one commit (without its history, unless asked for some) into a cache; `archive` takes the answer. Rejects with code RemoteFailed. */
  fetchRemote(url: string, commit: Oid, access?: RemoteAccess): Promise<{ readonly repository: string; readonly commit: Oid }>;
  /** Fetches all branches and these commits with their whole history; answers the cache they are in. Rejects with code RemoteFailed. */
  fetchHistory(url: string, commits: readonly Oid[], access?: RemoteAccess): Promise<string>;
}

export interface Git extends GitRepositories, GitObjects, GitTransport, GitRemotes {
  close(): Promise<void>;
}
