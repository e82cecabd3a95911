import type { CallContext } from '../../protocol/context.ts';
import { errors } from './api.gen.ts';
import { checkRepositoryName, isObjectId } from './rules/names.ts';
import { branchRef } from './rules/reference-changes.ts';
import type { Recorder, RecorderTools } from './recorder.ts';
import { sql, type RepositoryRow } from './tables.ts';

/** What the operations of this service work with. */
export interface OperationTools extends RecorderTools {
  readonly recorder: Recorder;
}

export function doesNotExist(name: string): Error {
  return errors.RepositoryDoesNotExistException(`${name} does not exist`);
}

/** The row of a repository; throws as AWS does where there is none. */
export async function repositoryNamed(tools: OperationTools, ctx: CallContext, name: string): Promise<RepositoryRow> {
  checkRepositoryName(name);
  const row = await tools.db.get<RepositoryRow>(sql.byName, ctx.account, ctx.region, name);
  if (!row) throw doesNotExist(name);
  return row;
}

/**
 * The commit that a specifier leads to: a branch, a tag, HEAD, a full reference or a full commit id; without one, the tip of
 * the default branch. Throws CommitDoesNotExistException.
 */
export async function resolveCommit(tools: OperationTools, repository: RepositoryRow, specifier: string | undefined): Promise<string> {
  const { git } = tools;
  const found = await targetOf(tools, repository, specifier ?? 'HEAD');
  const commit = found && (await git.peel(repository.id, found));
  if (commit) return commit;
  throw errors.CommitDoesNotExistException(
    specifier === undefined ? `${repository.name} has no commits on its default branch` : `${specifier} is no commit of ${repository.name}`,
  );
}

async function targetOf(
  { git }: OperationTools,
  { id, default_branch: branch }: RepositoryRow,
  specifier: string,
): Promise<string | undefined> {
  if (isObjectId(specifier)) return specifier.toLowerCase();
  const refs = await git.refs(id);
  if (specifier === 'HEAD') return branch === null ? undefined : refs.get(branchRef(branch));
  return refs.get(specifier) ?? refs.get(branchRef(specifier)) ?? refs.get(`refs/tags/${specifier}`);
}
