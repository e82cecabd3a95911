import type { FiltersListType } from './api.gen.ts';
import { compileFilters } from './rules/filters.ts';
import { sql, type SecretRow, type TagRow } from './tables.ts';
import type { Place, SecretsTools } from './tools.ts';

export interface Listed {
  readonly row: SecretRow;
  readonly tags: readonly TagRow[];
}

/** The secrets that fit, oldest first; those marked for deletion only where `planned`. An account has few secrets: they are filtered here. */
export async function listed(
  { db, clock }: SecretsTools,
  { account, region }: Place,
  { filters, planned }: { readonly filters: FiltersListType | undefined; readonly planned: boolean },
): Promise<readonly Listed[]> {
  const fits = compileFilters(filters);
  const now = clock.now();
  const rows = await db.all<SecretRow>(sql.secrets, account, region);
  const there = rows.filter(({ deleted, purge }) => deleted === null || (planned && (purge ?? now) > now));
  const found: Listed[] = [];
  for (const row of there) {
    const tags = await db.all<TagRow>(sql.tags, row.arn);
    if (fits({ name: row.name, description: row.description ?? '', region: row.region, tags })) found.push({ row, tags });
  }
  return found;
}
