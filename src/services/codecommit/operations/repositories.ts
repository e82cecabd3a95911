import { write, WriteConflict } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type RepositoryMetadata } from '../api.gen.ts';
import { repositoryArn } from '../recorder.ts';
import { doesNotExist, repositoryNamed, type OperationTools } from '../repositories.ts';
import { checkRepositoryName } from '../rules/names.ts';
import { branchRef } from '../rules/reference-changes.ts';
import { sql, type RepositoryRow } from '../tables.ts';

type Operations = Pick<
  Api,
  | 'createRepository'
  | 'getRepository'
  | 'batchGetRepositories'
  | 'listRepositories'
  | 'deleteRepository'
  | 'updateRepositoryName'
  | 'updateRepositoryDescription'
  | 'updateDefaultBranch'
>;

const PAGE = 1000;

function metadata(row: RepositoryRow, ctx: CallContext): RepositoryMetadata {
  return {
    accountId: row.account,
    repositoryId: row.id,
    repositoryName: row.name,
    ...(row.description !== null && { repositoryDescription: row.description }),
    ...(row.default_branch !== null && { defaultBranch: row.default_branch }),
    lastModifiedDate: row.modified,
    creationDate: row.created,
    cloneUrlHttp: `${ctx.endpoint}/v1/repos/${row.name}`,
    Arn: repositoryArn(row),
    ...(row.kms_key !== null && { kmsKeyId: row.kms_key }),
  };
}

function nameExists(name: string): Error {
  return errors.RepositoryNameExistsException(`Repository named ${name} already exists`);
}

function unlessTaken(name: string) {
  return (error: unknown): never => {
    throw error instanceof WriteConflict ? nameExists(name) : error;
  };
}

/** The row comes first: a crash before the folder is there is made good at the next start, and no folder is ever without a row. */
async function create(tools: OperationTools, ctx: CallContext, input: Parameters<Api['createRepository']>[0]): Promise<RepositoryRow> {
  const { db, commits, clock, ids, git } = tools;
  const { repositoryName: name, repositoryDescription, kmsKeyId, tags = {} } = input;
  const id = ids.uuid();
  const now = clock.now();
  const row = [ctx.account, ctx.region, name, id, repositoryDescription ?? null, kmsKeyId ?? null, now, now];
  const tagWrites = Object.entries(tags).map(([key, value]) => write(sql.putTag, [id, key, value]));
  await commits.commit([write(sql.insert, row), ...tagWrites]).catch(unlessTaken(name));
  try {
    await git.create(id);
  } catch (error) {
    await commits.commit([write(sql.delete, [id]), write(sql.deleteTags, [id])]);
    throw error;
  }
  return (await db.get<RepositoryRow>(sql.byId, id))!;
}

async function list({ db }: OperationTools, ctx: CallContext, input: Parameters<Api['listRepositories']>[0]) {
  const { sortBy = 'repositoryName', order = 'ascending', nextToken } = input;
  const scope = `repositories/${sortBy}/${order}`;
  const invalid = () => errors.InvalidContinuationTokenException('The continuation token is not valid.');
  const start = Number(decodePageToken(scope, nextToken, invalid) ?? 0);
  const rows = await db.all<RepositoryRow>(sql.inRegion, ctx.account, ctx.region);
  if (sortBy === 'lastModifiedDate') rows.sort((a, b) => a.modified - b.modified);
  if (order === 'descending') rows.reverse();
  const page = rows.slice(start, start + PAGE);
  const more = start + PAGE < rows.length && { nextToken: encodePageToken(scope, start + PAGE) };
  return { repositories: page.map(({ name, id }) => ({ repositoryName: name, repositoryId: id })), ...more };
}

async function remove({ commits, git }: OperationTools, { id }: RepositoryRow): Promise<void> {
  const gone = [sql.delete, sql.deleteRefs, sql.deleteTags, sql.insertDeleted].map((each) => write(each, [id]));
  await commits.commit(gone);
  await git.delete(id);
  await commits.commit([write(sql.forgetDeleted, [id])]);
}

export function repositoryOperations(tools: OperationTools): Operations {
  const { db, commits, clock, git } = tools;
  return {
    async createRepository(input, ctx) {
      checkRepositoryName(input.repositoryName);
      return { repositoryMetadata: metadata(await create(tools, ctx, input), ctx) };
    },

    async getRepository({ repositoryName }, ctx) {
      return { repositoryMetadata: metadata(await repositoryNamed(tools, ctx, repositoryName), ctx) };
    },

    async batchGetRepositories({ repositoryNames }, ctx) {
      const rows = await Promise.all(repositoryNames.map((name) => db.get<RepositoryRow>(sql.byName, ctx.account, ctx.region, name)));
      const missing = repositoryNames.filter((_, index) => !rows[index]);
      const because = (name: string) =>
        ({ repositoryName: name, errorCode: 'RepositoryDoesNotExistException', errorMessage: doesNotExist(name).message }) as const;
      return {
        repositories: rows.flatMap((row) => (row ? [metadata(row, ctx)] : [])),
        repositoriesNotFound: missing,
        errors: missing.map(because),
      };
    },

    listRepositories: (input, ctx) => list(tools, ctx, input),

    async deleteRepository({ repositoryName }, ctx) {
      checkRepositoryName(repositoryName);
      const row = await db.get<RepositoryRow>(sql.byName, ctx.account, ctx.region, repositoryName);
      // Without an id in the answer the repository was gone already; that is no error.
      if (!row) return {};
      await remove(tools, row);
      return { repositoryId: row.id };
    },

    async updateRepositoryName({ oldName, newName }, ctx) {
      checkRepositoryName(newName);
      const row = await repositoryNamed(tools, ctx, oldName);
      if (await db.get(sql.byName, ctx.account, ctx.region, newName)) throw nameExists(newName);
      await commits.commit([write(sql.rename, [newName, clock.now(), row.id, oldName], { expect: 1 })]).catch(unlessTaken(newName));
    },

    async updateRepositoryDescription({ repositoryName, repositoryDescription }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      await commits.commit([write(sql.describe, [repositoryDescription ?? null, clock.now(), row.id])]);
    },

    async updateDefaultBranch({ repositoryName, defaultBranchName: branch }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      if (!(await git.refs(row.id)).has(branchRef(branch)))
        throw errors.BranchDoesNotExistException(`${branch} does not exist in ${row.name}`);
      await commits.commit([write(sql.setDefaultBranch, [branch, clock.now(), row.id])]);
      await git.setHead(row.id, branchRef(branch));
    },
  };
}
