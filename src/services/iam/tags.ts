import { write, type Write } from '../../ports/database.ts';
import { errors, type Tag } from './api.gen.ts';
import { commitOr, type EntityRow } from './entities.ts';
import { page, type PageRequest } from './paging.ts';
import { QUOTAS, within } from './quotas.ts';
import { overQuota } from './rules/errors.ts';
import { folded } from './rules/names.ts';
import { quotaSql, tagSql } from './tables.ts';
import type { IamTools } from './tools.ts';

type TagRow = { readonly name: string; readonly value: string; readonly cursor: string };

/** Keys of tags differ regardless of case, and keep the case they were given last. */
export function tagWrites(entity: string, tags: readonly Tag[] = []): Write[] {
  if (new Set(tags.map(({ Key }) => folded(Key))).size < tags.length) {
    throw errors.InvalidInputException('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  return tags.map(({ Key, Value }) => write(tagSql.put, [entity, folded(Key), Key, Value]));
}

/** All tags, as an answer has them: no member where there are none. */
export async function tagsOf(tools: IamTools, entity: string): Promise<{ readonly Tags?: readonly Tag[] }> {
  const rows = await tools.db.all<TagRow>(tagSql.list, entity, '', QUOTAS.Tags);
  return rows.length === 0 ? {} : { Tags: rows.map(({ name, value }) => ({ Key: name, Value: value })) };
}

export async function tagEntity(tools: IamTools, { id }: EntityRow, tags: readonly Tag[]): Promise<void> {
  await commitOr(tools, [...tagWrites(id, tags), within(quotaSql.tags, id, QUOTAS.Tags)], () => overQuota('TagsPerResource', QUOTAS.Tags));
}

export async function untagEntity(tools: IamTools, { id }: EntityRow, keys: readonly string[]): Promise<void> {
  await tools.commits.commit(keys.map((key) => write(tagSql.delete, [id, folded(key)])));
}

export async function listTags(tools: IamTools, { id }: EntityRow, request: PageRequest) {
  const { rows, rest } = await page<TagRow>(`tags ${id}`, request, (after, limit) => tools.db.all(tagSql.list, id, after, limit));
  return { Tags: rows.map(({ name, value }) => ({ Key: name, Value: value })), ...rest };
}
