import { setImmediate as breathe } from 'node:timers/promises';
import type { Aggregates } from '../../engine/process.ts';
import type { Reader } from '../../ports/database.ts';
import type { PipelineDeclaration } from './api.gen.ts';
import type { PipelineCommand } from './rules/commands.ts';
import { aggregateId, type PipelineState } from './rules/state.ts';
import { sql } from './tables.ts';

/** A pipeline as it is now. */
export interface Declared {
  /** The aggregate's id. */
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly declaration: PipelineDeclaration;
}

export interface DeclarationListener {
  declared(pipeline: Declared): void;
  gone(id: string): void;
}

/** Pipelines read at a time at the start: nothing waits for all of them. */
const PAGE = 200;

type Row = { readonly account: string; readonly region: string; readonly name: string; readonly declaration: string };

/** Tells of every pipeline's newest declaration: of all at the start, then of each change. */
export class Declarations {
  readonly #db: Reader;
  readonly #aggregates: Aggregates<PipelineState, PipelineCommand>;
  readonly #listeners: readonly DeclarationListener[];
  readonly #versions = new Map<string, number>();
  #unsubscribe: (() => void) | undefined;
  #stopped = false;

  constructor(db: Reader, aggregates: Aggregates<PipelineState, PipelineCommand>, listeners: readonly DeclarationListener[]) {
    this.#db = db;
    this.#aggregates = aggregates;
    this.#listeners = listeners;
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#aggregates.onStep((id, state) => this.#follow(id, state));
    let last = { account: '', region: '', name: '' };
    for (let page: readonly Row[] = []; page.length === PAGE || last.name === '';) {
      page = await this.#db.all<Row>(sql.declarationsAfter, last.account, last.region, last.name, PAGE);
      for (const row of page) this.#known(row);
      last = page.at(-1) ?? { ...last, name: '~' };
      await breathe();
      if (this.#stopped) return;
    }
  }

  #known({ account, region, name, declaration }: Row): void {
    const id = aggregateId(account, region, name);
    // One that was changed meanwhile has told of its newer declaration already.
    if (!this.#versions.has(id)) this.#tell({ id, account, region, declaration: JSON.parse(declaration) as PipelineDeclaration });
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe?.();
  }

  #follow(id: string, state: PipelineState): void {
    if (!state.exists) {
      this.#versions.delete(id);
      for (const listener of this.#listeners) listener.gone(id);
      return;
    }
    if (this.#versions.get(id) === state.version) return;
    this.#versions.set(id, state.version);
    const declaration = state.declarations[state.version];
    if (declaration) this.#tell({ id, account: state.account, region: state.region, declaration });
  }

  #tell(pipeline: Declared): void {
    for (const listener of this.#listeners) listener.declared(pipeline);
  }
}
