import type { GitCommit, GitPerson } from '../../../ports/git.ts';
import { errors, type Api, type Commit, type FileVersion, type UserInfo } from '../api.gen.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { repositoryNamed, resolveCommit, type OperationTools } from '../repositories.ts';
import { checkFilePath, isObjectId } from '../rules/names.ts';
import type { RepositoryRow } from '../tables.ts';
import { Trees } from '../trees.ts';

const MOST_COMMITS = 100;

/** AWS gives dates as git keeps them: epoch seconds and the offset, `1484167798 -0800`. */
function userInfo({ name, email, seconds, offset }: GitPerson): UserInfo {
  return { name, email, date: `${seconds} ${offset}` };
}

function commitOf({ id, tree, parents, author, committer, message }: GitCommit): Commit {
  return { commitId: id, treeId: tree, parents, message, author: userInfo(author), committer: userInfo(committer), additionalData: '' };
}

async function fileHistory(tools: OperationTools, row: RepositoryRow, input: Parameters<Api['listFileCommitHistory']>[0]) {
  const { commitSpecifier, filePath, maxResults = 100, nextToken } = input;
  const path = checkFilePath(filePath);
  const scope = `history/${row.id}/${commitSpecifier ?? ''}/${path}`;
  const invalid = () => errors.InvalidContinuationTokenException('The continuation token is not valid.');
  // A token holds the commit the listing began at: it goes on there, wherever the branch has moved to.
  const [from, start] = String(decodePageToken(scope, nextToken, invalid) ?? '').split(' ');
  const commit = from || (await resolveCommit(tools, row, commitSpecifier));
  const ids = await tools.git.history(row.id, commit, path);
  const at = Number(start ?? 0);
  const versions = await Promise.all(ids.slice(at, at + maxResults).map((id, n) => version(tools, row, id, [path, ids[at + n - 1]])));
  const more = at + maxResults < ids.length && { nextToken: encodePageToken(scope, `${commit} ${at + maxResults}`) };
  return { revisionDag: versions, ...more };
}

async function version(
  { git }: OperationTools,
  row: RepositoryRow,
  id: string,
  [path, newer]: [string, string | undefined],
): Promise<FileVersion> {
  const commit = (await git.commit(row.id, id))!;
  const entry = await new Trees(git, row.id).at(commit.tree, path);
  return { commit: commitOf(commit), path, ...(entry && { blobId: entry.id }), revisionChildren: newer === undefined ? [] : [newer] };
}

export function commitOperations(tools: OperationTools): Pick<Api, 'getCommit' | 'batchGetCommits' | 'listFileCommitHistory'> {
  const { git } = tools;
  return {
    async getCommit({ repositoryName, commitId }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      if (!isObjectId(commitId)) throw errors.InvalidCommitIdException(`${commitId} is not a full commit id.`);
      const commit = await git.commit(row.id, commitId.toLowerCase());
      if (!commit) throw errors.CommitIdDoesNotExistException(`${commitId} is no commit of ${row.name}`);
      return { commit: commitOf(commit) };
    },

    async batchGetCommits({ repositoryName, commitIds }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      if (commitIds.length === 0) throw errors.CommitIdsListRequiredException('A list of commit ids is required.');
      if (commitIds.length > MOST_COMMITS)
        throw errors.CommitIdsLimitExceededException(`At most ${MOST_COMMITS} commits are given at once.`);
      const found = await Promise.all(commitIds.map((id) => git.commit(row.id, id.toLowerCase())));
      const missing = commitIds.filter((_, index) => !found[index]);
      const because = (commitId: string) =>
        isObjectId(commitId)
          ? { commitId, errorCode: 'CommitDoesNotExistException', errorMessage: `${commitId} is no commit of ${row.name}` }
          : { commitId, errorCode: 'InvalidCommitIdException', errorMessage: `${commitId} is not a full commit id.` };
      return { commits: found.flatMap((commit) => (commit ? [commitOf(commit)] : [])), errors: missing.map(because) };
    },

    async listFileCommitHistory(input, ctx) {
      return fileHistory(tools, await repositoryNamed(tools, ctx, input.repositoryName), input);
    },
  };
}
