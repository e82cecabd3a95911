import type { ActionTypeId } from '../api.gen.ts';

/** What the rules need to know of an action provider: data, no code. */
export interface CatalogueEntry {
  readonly timeoutMinutes: number;
  readonly settings: Readonly<
    Record<string, { readonly required: boolean; readonly secret?: boolean; readonly type: string; readonly values?: readonly string[] }>
  >;
  readonly artifacts: {
    readonly inputs: { readonly min: number; readonly max: number };
    readonly outputs: { readonly min: number; readonly max: number };
  };
}

export type Catalogue = ReadonlyMap<string, CatalogueEntry>;

export function catalogueKey(type: ActionTypeId): string {
  return `${type.category}/${type.owner}/${type.provider}/${type.version}`;
}
