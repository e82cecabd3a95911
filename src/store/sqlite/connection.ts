import Libsql from 'libsql';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Statement, Value } from '../../ports/database.ts';

/** One SQLite connection with its prepared statements. Everything here is synchronous: a call is a whole read or write. */
export interface Connection {
  /** Runs a write and answers how many rows it changed. */
  run(statement: Statement, params: readonly Value[]): number;
  all(statement: Statement, params: readonly Value[]): Record<string, unknown>[];
  get(statement: Statement, params: readonly Value[]): Record<string, unknown> | undefined;
  /** Compiles it, and throws where it does not fit the schema. */
  prepare(statement: Statement): void;
  exec(sql: string): void;
  /** Forgets prepared statements: their column names are stale after a schema change. */
  forget(): void;
  inTransaction(): boolean;
  close(): void;
}

interface Prepared {
  readonly native: Libsql.Statement<unknown[]>;
  readonly parameters: number;
  /** Names of the result's columns; empty where the statement gives no rows. */
  readonly columns: readonly string[];
}

/** How many `?` a statement has, outside string literals and quoted names. */
export function countParameters(sql: string): number {
  return sql.replaceAll(/'(?:[^']|'')*'|"[^"]*"/g, '').split('?').length - 1;
}

/**
 * libsql aborts the whole process when it is given a boolean, takes undefined and NaN for NULL, and fills parameters that are
 * missing with those of the statement's last run. None of these may ever reach it.
 */
function check(statement: Statement, params: readonly Value[], expected: number): unknown[] {
  if (params.length !== expected) throw badParameter(statement, `takes ${expected} parameters, was given ${params.length}`);
  for (const value of params) {
    if (typeof value === 'string' || value === null || value instanceof Uint8Array) continue;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw badParameter(statement, `cannot take a ${typeof value} parameter`);
  }
  return params as unknown[];
}

function badParameter(statement: Statement, problem: string): PipewrightError {
  return new PipewrightError('BadParameter', `${problem}: ${statement.sql}`);
}

/** The driver gives blobs as ArrayBuffer from `get` and as Buffer from `all`. */
function toBytes(value: object): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (Buffer.isBuffer(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new PipewrightError('UnknownValue', `the database gave a ${value.constructor.name}`);
}

function toRow(columns: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) {
    const value = values[i];
    row[columns[i]!] = typeof value === 'object' && value !== null ? toBytes(value) : value;
  }
  return row;
}

function prepare(native: Libsql.Database, sql: string): Prepared {
  const prepared = native.prepare(sql);
  const columns = prepared.reader ? prepared.columns().map((column) => column.name) : [];
  // Raw rows, because the driver adds a `_metadata` member to rows that are objects.
  if (columns.length > 0) prepared.raw(true);
  return { native: prepared, parameters: countParameters(sql), columns };
}

/** Opens a connection and runs the pragmas, in order. */
export function openConnection(path: string, pragmas: readonly string[]): Connection {
  const native = new Libsql(path);
  for (const pragma of pragmas) native.pragma(pragma);
  const cache = new Map<string, Prepared>();
  const find = (statement: Statement): Prepared => {
    let found = cache.get(statement.sql);
    if (!found) cache.set(statement.sql, (found = prepare(native, statement.sql)));
    return found;
  };
  return {
    run(statement, params) {
      const prepared = find(statement);
      const values = check(statement, params, prepared.parameters);
      // `run` would leave a RETURNING statement open and count no changes.
      return prepared.columns.length > 0 ? prepared.native.all(values).length : prepared.native.run(values).changes;
    },
    all(statement, params) {
      const prepared = find(statement);
      const rows = prepared.native.all(check(statement, params, prepared.parameters)) as unknown[][];
      return rows.map((values) => toRow(prepared.columns, values));
    },
    get(statement, params) {
      const prepared = find(statement);
      const values = prepared.native.get(check(statement, params, prepared.parameters)) as unknown[] | undefined;
      return values && toRow(prepared.columns, values);
    },
    prepare: (statement) => void find(statement),
    exec: (sql) => void native.exec(sql),
    forget: () => cache.clear(),
    inTransaction: () => native.inTransaction,
    close: () => void native.close(),
  };
}
