/** A value a statement takes or a column gives. Booleans are 0 and 1, times epoch milliseconds, JSON is text. */
export type Value = string | number | Uint8Array | null;

/**
 * A statement, written once per module at its top level and prepared once per connection.
 * SQL is the subset that SQLite and PostgreSQL share: `?` placeholders, ON CONFLICT, RETURNING, no dialect functions.
 */
export interface Statement {
  readonly sql: string;
}

export function statement(sql: string): Statement {
  return { sql: sql.replace(/\s+/g, ' ').trim() };
}

/** A write is data: rules and operations return it, the committer performs it. */
export interface Write {
  readonly statement: Statement;
  readonly params: readonly Value[];
  /** The number of rows this must change. Another number fails the whole unit with a WriteConflict. */
  readonly expect?: number;
  /** Names the write in a WriteConflict, so that the operation can say which rule was lost. */
  readonly label?: string;
  /** After the commit, whoever listens to this topic is told once, of all its news in the order in which they were written. */
  readonly topic?: string;
  readonly news?: unknown;
}

export function write(
  statement: Statement,
  params: readonly Value[],
  options: Pick<Write, 'expect' | 'label' | 'topic' | 'news'> = {},
): Write {
  return { statement, params, ...options };
}

/** A unit was refused whole: a row was there already (unique key), or was no longer as it was read (expect). Nothing of it was written. */
export class WriteConflict extends Error {
  readonly label: string | undefined;
  readonly index: number;
  constructor(index: number, label: string | undefined, detail: string) {
    super(`write ${label ?? index} lost: ${detail}`);
    this.name = 'WriteConflict';
    this.index = index;
    this.label = label;
  }
}

/** Reads see everything committed before they began. */
export interface Reader {
  all<Row>(statement: Statement, ...params: readonly Value[]): Promise<Row[]>;
  get<Row>(statement: Statement, ...params: readonly Value[]): Promise<Row | undefined>;
}

/** The one way to write: a unit is written whole and durably, or refused whole. Units that are ready together share one fsync. */
export interface Commits {
  /** Resolves once the unit is on disk. Rejects with WriteConflict, having written nothing of this unit. */
  commit(unit: readonly Write[]): Promise<void>;
  /** Called after a commit that held writes of this topic, with their news. Returns the unsubscriber. */
  onTopic(topic: string, listener: (news: readonly unknown[]) => void): () => void;
}

/** One migration: never edited after a release; `id` sorts. Each owner (a service, the engine) has its own list. */
export interface Migration {
  readonly id: string;
  readonly sql: readonly string[];
}

export interface MigrationSet {
  readonly owner: string;
  readonly migrations: readonly Migration[];
}

/** A database driver. `writeBatch` runs all units in one transaction, a savepoint each; the committer is its only caller. */
export interface Database extends Reader {
  writeBatch(units: readonly (readonly Write[])[]): Promise<readonly (WriteConflict | undefined)[]>;
  migrate(sets: readonly MigrationSet[]): Promise<void>;
  /** Empties every table (the reset endpoint). */
  clear(): Promise<void>;
  close(): Promise<void>;
}
