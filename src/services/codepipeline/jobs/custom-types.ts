import type { Commits, Reader } from '../../../ports/database.ts';
import { catalogueKey, type Place, type TypeId } from '../rules/catalogue.ts';
import type { CustomType } from '../rules/custom-type.ts';
import { typeSql, type ActionTypeRow } from './tables.ts';

/** Whoever changes an action type says so under this topic. */
export const TYPES_TOPIC = 'codepipeline.action-types';

export interface KnownType {
  readonly type: CustomType;
  readonly deleted: boolean;
}

/** Custom and third-party action types, in memory: the rules decide without waiting. */
export class CustomTypes {
  readonly #db: Reader;
  #types = new Map<string, KnownType>();
  #loading: Promise<void> | undefined;
  #loads = 0;
  #loaded = 0;

  constructor(db: Reader, commits: Commits) {
    this.#db = db;
    commits.onTopic(TYPES_TOPIC, () => (this.#loading = undefined));
  }

  /** Resolves when everything committed so far is known. */
  ready(): Promise<void> {
    return (this.#loading ??= this.#load());
  }

  find(id: TypeId, place: Place): KnownType | undefined {
    return this.#types.get(keyOf(id, place));
  }

  /** Those that were not deleted. */
  known({ account, region }: Place): readonly KnownType[] {
    const prefix = `${account}/${region}/`;
    return [...this.#types].filter(([key, { deleted }]) => key.startsWith(prefix) && !deleted).map(([, known]) => known);
  }

  all(place: Place): readonly CustomType[] {
    return this.known(place).map(({ type }) => type);
  }

  /** Loads that overtake each other leave the newest: each begins after all that was committed when it was asked for. */
  async #load(): Promise<void> {
    const load = ++this.#loads;
    const rows = await this.#db.all<ActionTypeRow>(typeSql.all);
    if (load < this.#loaded) return;
    this.#loaded = load;
    this.#types = new Map(
      rows.map((row) => [keyOf(row, row), { type: JSON.parse(row.data) as CustomType, deleted: row.deleted !== null }]),
    );
  }
}

function keyOf(id: TypeId, { account, region }: Place): string {
  return `${account}/${region}/${catalogueKey(id)}`;
}
