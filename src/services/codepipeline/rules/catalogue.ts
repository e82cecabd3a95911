import type { ActionTypeId, PipelineType, SourceRevisionType } from '../api.gen.ts';

/** One configuration property, as far as validation and workers need to know it. */
export interface CatalogueProperty {
  readonly required: boolean;
  readonly secret?: boolean;
  /** Workers ask for jobs by its value. */
  readonly queryable?: boolean;
  readonly type: string;
  readonly values?: readonly string[];
  readonly problem?: (value: string) => string | undefined;
}

/** What the rules need to know of an action provider, or of a rule's. */
export interface CatalogueEntry {
  /** Nothing is known of its settings: a type that only the server it is meant for knows. */
  readonly open?: boolean;
  /** Values have to be of the type their property says. */
  readonly typed?: boolean;
  readonly timeoutMinutes: number;
  readonly commands?: true;
  readonly pipelineTypes?: readonly PipelineType[];
  readonly revisionTypes?: readonly SourceRevisionType[];
  readonly settings: Readonly<Record<string, CatalogueProperty>>;
  readonly artifacts: {
    readonly inputs: { readonly min: number; readonly max: number };
    readonly outputs: { readonly min: number; readonly max: number };
  };
}

/** Whose types are meant: custom action types belong to an account and a region. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** The four words that name an action's or a rule's type; a rule's may leave out owner and version. */
export type TypeId = Pick<ActionTypeId, 'provider'> & { readonly category: string; readonly owner?: string; readonly version?: string };

/** The types there are. */
export interface Catalogue {
  find(type: TypeId, place: Place): CatalogueEntry | undefined;
}

/** Both kinds of things that a pipeline's declaration names. */
export interface Catalogues {
  readonly actions: Catalogue;
  readonly rules: Catalogue;
}

export function catalogueKey({ category, owner = 'AWS', provider, version = '1' }: TypeId): string {
  return `${category}/${owner}/${provider}/${version}`;
}

/** A catalogue of things that are the same everywhere. */
export function fixedCatalogue<T extends CatalogueEntry & { readonly type: TypeId }>(entries: readonly T[]) {
  const byKey = new Map(entries.map((entry) => [catalogueKey(entry.type), entry]));
  return { find: (type: TypeId): T | undefined => byKey.get(catalogueKey(type)), all: (): readonly T[] => entries };
}
