import { silentLogger } from '../../kernel/log.ts';
import type { Logger } from '../../kernel/log.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Database, Statement } from '../../ports/database.ts';
import { performBatch } from './batch.ts';
import { openConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { emptyTables, migrate } from './migrations.ts';

const WRITER = ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', 'busy_timeout = 5000', 'temp_store = MEMORY'];

/**
 * `query_only`, because libsql's `readonly` option does not protect. No checkpoints from here: SQLite 3.45 has a fault in
 * resetting the WAL that needs two connections doing it (https://sqlite.org/wal.html).
 */
const READER = ['query_only = ON', 'wal_autocheckpoint = 0', 'busy_timeout = 5000', 'temp_store = MEMORY'];

/** The connection that writes. It is replaced when it cannot get out of a failed transaction. */
function openWriter(path: string, log: Logger) {
  let connection = openConnection(path, WRITER);
  return {
    use<T>(work: (connection: Connection) => T): T {
      try {
        return work(connection);
      } catch (error) {
        if (connection.inTransaction()) {
          log.error('the writing connection is replaced', { error: messageOf(error) });
          connection.close();
          connection = openConnection(path, WRITER);
        }
        throw error;
      }
    },
    close: () => connection.close(),
  };
}

export interface SqliteDatabase extends Database {
  /** Compiles a statement without running it; throws where it does not fit the schema. For conformance tests. */
  prepare(statement: Statement): void;
}

/** Opens (and creates) the SQLite database at `path`: WAL, each commit fsynced, one connection that writes and one that reads. */
export function openSqlite({ path, log = silentLogger }: { readonly path: string; readonly log?: Logger }): SqliteDatabase {
  const writer = openWriter(path, log);
  // Calls into SQLite are synchronous, so that one reading connection serves everybody.
  const reader = openConnection(path, READER);
  return {
    all: async <Row>(...[statement, ...params]: Parameters<Database['all']>) => reader.all(statement, params) as Row[],
    get: async <Row>(...[statement, ...params]: Parameters<Database['get']>) => reader.get(statement, params) as Row | undefined,
    writeBatch: async (units) => (units.length === 0 ? [] : writer.use((connection) => performBatch(connection, units))),
    migrate: async (sets) => {
      writer.use((connection) => {
        migrate(connection, sets);
        connection.forget();
      });
      reader.forget();
    },
    prepare: (statement) => reader.prepare(statement),
    clear: async () => writer.use(emptyTables),
    close: async () => {
      reader.close();
      writer.close();
    },
  };
}
