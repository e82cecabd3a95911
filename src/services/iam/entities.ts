import { WriteConflict, write, type Write } from '../../ports/database.ts';
import type { ApiError } from '../../protocol/errors.ts';
import { page, type Page, type PageRequest } from './paging.ts';
import { alreadyExists, concurrent, noSuch } from './rules/errors.ts';
import { conflictOf, type Uses } from './rules/uses.ts';
import { arnOf, ENTITY_ID_LENGTH, folded, ID_PREFIX, namedBy, type Kind, type Named } from './rules/names.ts';
import { CREDENTIALS_TOPIC, entitySql, sessionSql, tagSql } from './tables.ts';
import type { IamTools } from './tools.ts';

export interface EntityRow extends Named {
  /** `AIDA…`; the account number for the account's root. */
  readonly id: string;
  /** Epoch ms. */
  readonly created: number;
  /** The ARN of the permissions boundary. */
  readonly boundary: string | null;
  /** JSON: what only its kind has. */
  readonly data: string;
}

export type NewEntity = Pick<EntityRow, 'account' | 'kind' | 'name'> & {
  readonly path?: string;
  readonly boundary?: string;
  readonly data?: object;
};

/** The row of something new; its id is made here. */
export function newEntity(tools: IamTools, entity: NewEntity & { readonly kind: Exclude<Kind, 'root'> }): EntityRow {
  const { account, kind, name, path = '/', boundary = null, data = {} } = entity;
  const id = ID_PREFIX[kind] + tools.ids.base32(ENTITY_ID_LENGTH);
  return { id, account, kind, name, path, created: tools.clock.now(), boundary, data: JSON.stringify(data) };
}

export function insertEntity({ id, account, kind, name, path, created, boundary, data }: EntityRow, statement = entitySql.insert): Write {
  return write(statement, [id, account, kind, name, folded(name), path, created, boundary, data], { label: 'entity' });
}

export async function findEntity(tools: IamTools, account: string, kind: Kind, name: string): Promise<EntityRow | undefined> {
  return tools.db.get<EntityRow>(entitySql.byName, account, kind, folded(name), name);
}

/** Throws NoSuchEntity where there is none. */
export async function theEntity(tools: IamTools, { account }: { readonly account: string }, kind: Kind, name: string): Promise<EntityRow> {
  const row = await findEntity(tools, account, kind, name);
  if (!row) throw noSuch(kind, name);
  return row;
}

/** The entity of this kind and account that an ARN names, or undefined. */
export async function entityByArn(tools: IamTools, account: string, kind: Kind, arn: string): Promise<EntityRow | undefined> {
  const named = namedBy(arn, account, kind);
  const row = named && (await findEntity(tools, account, kind, named.name));
  return row?.path === named?.path ? row : undefined;
}

export async function listEntities(
  tools: IamTools,
  { account }: { readonly account: string },
  kind: Kind,
  request: PageRequest & { readonly PathPrefix?: string },
): Promise<Page<EntityRow & { readonly cursor: string }>> {
  const prefix = request.PathPrefix ?? '/';
  return page(`${kind} ${prefix}`, request, (after, limit) =>
    tools.db.all(entitySql.list, account, kind, prefix.length, prefix, after, limit),
  );
}

/** Commits the unit; where it lost, throws what `lost` makes of it. */
export async function commitOr(
  tools: IamTools,
  unit: readonly Write[],
  lost: (conflict: WriteConflict) => ApiError | Promise<ApiError>,
): Promise<void> {
  try {
    await tools.commits.commit(unit);
  } catch (error) {
    throw error instanceof WriteConflict ? await lost(error) : error;
  }
}

/** Replaces what only the entity's kind has. Throws ConcurrentModification where it is no longer as it was read. */
export async function updateData(tools: IamTools, row: EntityRow, data: object, unit: readonly Write[] = []): Promise<void> {
  const update = write(entitySql.setData, [JSON.stringify(data), row.id, row.data], { expect: 1 });
  await commitOr(tools, [update, ...unit], () => concurrent());
}

/** Keys and sessions are looked up by the name, too: whoever keeps them must read them again. */
export async function renameEntity(tools: IamTools, row: EntityRow, to: { readonly name?: string; readonly path?: string }): Promise<void> {
  const { name = row.name, path = row.path } = to;
  const rename = write(entitySql.rename, [name, folded(name), path, row.id], { expect: 1, label: 'entity', topic: CREDENTIALS_TOPIC });
  await commitOr(tools, [rename], async (conflict) => {
    const isGone = (await tools.db.get(entitySql.byId, row.id)) === undefined;
    return isGone || conflict.label !== 'entity' ? noSuch(row.kind, row.name) : alreadyExists(row.kind, name);
  });
}

/** Deletes it with its tags and sessions, after `unit`. Throws DeleteConflict while anything else hangs on it. */
export async function deleteEntity(tools: IamTools, row: EntityRow, unit: readonly Write[] = []): Promise<void> {
  const writes = [
    ...unit,
    write(tagSql.deleteOf, [row.id]),
    write(sessionSql.deleteOf, [row.id], { topic: CREDENTIALS_TOPIC }),
    write(entitySql.delete, [row.id], { expect: 1 }),
  ];
  await commitOr(tools, writes, async () => {
    const { id } = row;
    if ((await tools.db.get(entitySql.byId, id)) === undefined) return noSuch(row.kind, row.name);
    const uses = await tools.db.get<Uses>(entitySql.uses, id, id, id, id, id, id, id, id, arnOf(row));
    return (uses && conflictOf(row.kind, uses)) ?? concurrent();
  });
}
