import type { Fits, Filtered } from './rules/filters.ts';
import { sql, type NamedLabelRow, type NamedTagRow, type VersionRow } from './tables.ts';
import { dataOf, type Place, type SsmTools } from './tools.ts';

/** Labels and tags of all parameters of a place, by name; read only where a filter asks for them. */
export interface Attached {
  readonly labels: ReadonlyMap<string, readonly NamedLabelRow[]>;
  readonly tags: ReadonlyMap<string, readonly NamedTagRow[]>;
}

function byName<Row extends { readonly name: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const list = found.get(row.name);
    if (list) list.push(row);
    else found.set(row.name, [row]);
  }
  return found;
}

export async function readAttached({ db }: SsmTools, { account, region }: Place, keys: readonly string[]): Promise<Attached> {
  const labels = keys.includes('Label') ? await db.all<NamedLabelRow>(sql.allLabels, account, region) : [];
  const tags = keys.some((key) => key.startsWith('tag:')) ? await db.all<NamedTagRow>(sql.allTags, account, region) : [];
  return { labels: byName(labels), tags: byName(tags) };
}

function filtered(row: VersionRow, attached: Attached): Filtered {
  const { tier, dataType, keyId } = dataOf(row);
  const labels = attached.labels.get(row.name) ?? [];
  const tags = attached.tags.get(row.name) ?? [];
  return {
    name: row.name,
    type: row.type,
    tier,
    dataType,
    ...(keyId !== undefined && { keyId }),
    labels: labels.filter(({ version }) => version === row.version).map(({ label }) => label),
    tags: Object.fromEntries(tags.map(({ tag, value }) => [tag, value])),
  };
}

/** Rows read at once: a page of the answer, or what a filter passes over. */
const BATCH = 200;

export interface Page {
  readonly rows: readonly VersionRow[];
  /** The last name of this page, where there is more. */
  readonly after?: string;
}

/** The next parameters that fit, in the order of their names. */
export async function nextPage(
  { db }: SsmTools,
  { account, region }: Place,
  options: {
    readonly after: string;
    readonly limit: number;
    readonly attached: Attached;
    readonly fits: Fits;
    /** What all names begin with: the names are in order, and nothing behind these is read. */
    readonly prefix?: string;
  },
): Promise<Page> {
  const { limit, attached, fits, prefix = '' } = options;
  const found: VersionRow[] = [];
  let cursor = options.after > prefix ? options.after : prefix;
  for (let more = true; more && found.length <= limit;) {
    const rows = await db.all<VersionRow>(sql.newestAfter, account, region, cursor, BATCH);
    found.push(...rows.filter((row) => fits(filtered(row, attached))));
    cursor = rows.at(-1)?.name ?? cursor;
    more = rows.length === BATCH && cursor.startsWith(prefix);
  }
  const rows = found.slice(0, limit);
  return { rows, ...(found.length > limit && { after: rows.at(-1)!.name }) };
}
