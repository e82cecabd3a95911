import type { GitChange, GitTreeEntry } from '../../../ports/git.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type BlobMetadata, type Difference } from '../api.gen.ts';
import { repositoryNamed, resolveCommit, type OperationTools } from '../repositories.ts';
import { FOLDER_MODE } from '../rules/modes.ts';
import { cleanPath } from '../rules/names.ts';
import type { RepositoryRow } from '../tables.ts';
import { Trees } from '../trees.ts';

type Input = Parameters<Api['getDifferences']>[0];

const PAGE = 100;

/** The two sides of a comparison, each a commit (none: the empty tree) and the path looked at. */
interface Side {
  readonly commit: string | undefined;
  readonly path: string;
}

function blobAt(
  base: string,
  relative: string,
  blob: { readonly mode: string; readonly id: string } | undefined,
): BlobMetadata | undefined {
  const path = [base, relative].filter(Boolean).join('/');
  return blob && { blobId: blob.id, path, mode: blob.mode };
}

function difference(before: Side, after: Side, change: GitChange): Difference {
  const beforeBlob = blobAt(before.path, change.path, change.before);
  const afterBlob = blobAt(after.path, change.path, change.after);
  const changeType = !beforeBlob ? 'A' : !afterBlob ? 'D' : 'M';
  return { changeType, ...(beforeBlob && { beforeBlob }), ...(afterBlob && { afterBlob }) };
}

/** What differs between what lies at the two paths; a file on either side is compared as the one file it is. */
async function* compare(tools: OperationTools, row: RepositoryRow, before: Side, after: Side): AsyncGenerator<GitChange> {
  const trees = new Trees(tools.git, row.id);
  const at = async ({ commit, path }: Side) => commit && trees.at((await tools.git.commit(row.id, commit))!.tree, path);
  const [left, right] = [(await at(before)) || undefined, (await at(after)) || undefined];
  if (!left && !right) throw errors.PathDoesNotExistException(`${after.path} does not exist in ${row.name}`);
  const treeOf = (entry: GitTreeEntry | undefined) => (entry?.mode === FOLDER_MODE ? entry.id : undefined);
  const fileOf = (entry: GitTreeEntry | undefined) =>
    entry && entry.mode !== FOLDER_MODE ? { mode: entry.mode, id: entry.id } : undefined;
  const [a, b] = [fileOf(left), fileOf(right)];
  if (a?.id !== b?.id || a?.mode !== b?.mode) yield { path: '', ...(a && { before: a }), ...(b && { after: b }) };
  yield* tools.git.diff(row.id, treeOf(left), treeOf(right));
}

async function sides(tools: OperationTools, row: RepositoryRow, input: Input): Promise<{ before: Side; after: Side }> {
  const { beforeCommitSpecifier, afterCommitSpecifier, beforePath = '', afterPath = '' } = input;
  const before = beforeCommitSpecifier === undefined ? undefined : await resolveCommit(tools, row, beforeCommitSpecifier);
  const after = await resolveCommit(tools, row, afterCommitSpecifier);
  return { before: { commit: before, path: cleanPath(beforePath) }, after: { commit: after, path: cleanPath(afterPath) } };
}

export function differenceOperations(tools: OperationTools): Pick<Api, 'getDifferences'> {
  return {
    async getDifferences(input, ctx) {
      const row = await repositoryNamed(tools, ctx, input.repositoryName);
      const limit = input.MaxResults ?? PAGE;
      if (limit < 1) throw errors.InvalidMaxResultsException('MaxResults must be positive.');
      const { before, after } = await sides(tools, row, input);
      const scope = `differences/${row.id}/${before.commit}:${before.path}/${after.commit}:${after.path}`;
      const invalid = () => errors.InvalidContinuationTokenException('The continuation token is not valid.');
      const start = Number(decodePageToken(scope, input.NextToken, invalid) ?? 0);
      const differences: Difference[] = [];
      let at = 0;
      for await (const change of compare(tools, row, before, after)) {
        if (differences.length === limit) return { differences, NextToken: encodePageToken(scope, at) };
        if (at++ >= start) differences.push(difference(before, after, change));
      }
      return { differences };
    },
  };
}
