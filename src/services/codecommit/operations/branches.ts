import { PipewrightError } from '../../../kernel/errors.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api } from '../api.gen.ts';
import { repositoryNamed, type OperationTools } from '../repositories.ts';
import { checkBranchName, isObjectId } from '../rules/names.ts';
import { branchName, branchRef } from '../rules/reference-changes.ts';
import type { RepositoryRow } from '../tables.ts';

type Operations = Pick<Api, 'createBranch' | 'getBranch' | 'listBranches' | 'deleteBranch'>;

const PAGE = 1000;

/** Runs `work`; where it finds the reference otherwise than it should be, throws what `lost` makes. */
export async function unlessMoved<T>(work: Promise<T>, lost: () => Error): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof PipewrightError && error.code === 'RefConflict' ? lost() : error;
  }
}

async function create(tools: OperationTools, row: RepositoryRow, name: string, commitId: string): Promise<void> {
  if (!isObjectId(commitId)) throw errors.InvalidCommitIdException(`${commitId} is not a full commit id.`);
  const commit = await tools.git.commit(row.id, commitId.toLowerCase());
  if (!commit) throw errors.CommitDoesNotExistException(`${commitId} is no commit of ${row.name}`);
  const taken = () => errors.BranchNameExistsException(`${name} exists in ${row.name} already`);
  if ((await tools.git.refs(row.id)).has(branchRef(name))) throw taken();
  await unlessMoved(tools.git.updateRefs(row.id, [{ ref: branchRef(name), from: undefined, to: commit.id }]), taken);
}

async function remove(
  { git }: OperationTools,
  row: RepositoryRow,
  name: string,
): Promise<{ branchName: string; commitId: string } | undefined> {
  for (;;) {
    const tip = (await git.refs(row.id)).get(branchRef(name));
    // Deleting what is not there succeeds.
    if (tip === undefined) return undefined;
    try {
      await git.updateRefs(row.id, [{ ref: branchRef(name), from: tip, to: undefined }]);
      return { branchName: name, commitId: tip };
    } catch (error) {
      // Somebody pushed meanwhile: what is deleted is the branch as it is then.
      if (!(error instanceof PipewrightError && error.code === 'RefConflict') || (await git.refs(row.id)).get(branchRef(name)) === tip)
        throw error;
    }
  }
}

export function branchOperations(tools: OperationTools): Operations {
  const { git, recorder } = tools;
  return {
    async createBranch({ repositoryName, branchName: name, commitId }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      checkBranchName(name);
      await create(tools, row, name, commitId);
      await recorder.record(row.id, ctx.principal.arn);
    },

    async getBranch({ repositoryName, branchName: name }, ctx) {
      if (repositoryName === undefined) throw errors.RepositoryNameRequiredException('A repository name is required.');
      if (name === undefined) throw errors.BranchNameRequiredException('A branch name is required.');
      const row = await repositoryNamed(tools, ctx, repositoryName);
      checkBranchName(name);
      const tip = (await git.refs(row.id)).get(branchRef(name));
      if (tip === undefined) throw errors.BranchDoesNotExistException(`${name} does not exist in ${row.name}`);
      return { branch: { branchName: name, commitId: tip } };
    },

    async listBranches({ repositoryName, nextToken }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      const invalid = () => errors.InvalidContinuationTokenException('The continuation token is not valid.');
      const after = String(decodePageToken(`branches/${row.id}`, nextToken, invalid) ?? '');
      const names = [...(await git.refs(row.id)).keys()].flatMap((ref) => branchName(ref) ?? []);
      const rest = names.filter((name) => Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0);
      const branches = rest.slice(0, PAGE);
      return { branches, ...(rest.length > PAGE && { nextToken: encodePageToken(`branches/${row.id}`, branches.at(-1)!) }) };
    },

    async deleteBranch({ repositoryName, branchName: name }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      checkBranchName(name);
      if (row.default_branch === name) throw errors.DefaultBranchCannotBeDeletedException(`${name} is the default branch of ${row.name}`);
      const deletedBranch = await remove(tools, row, name);
      await recorder.record(row.id, ctx.principal.arn);
      return deletedBranch ? { deletedBranch } : {};
    },
  };
}
