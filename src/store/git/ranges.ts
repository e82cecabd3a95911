import { PipewrightError } from '../../kernel/errors.ts';
import type { GitFileStat, GitStat, Oid } from '../../ports/git.ts';
import { runGit, startGit, type GitProgram } from './environment.ts';

/** Object ids only: what users wrote never reaches git as a revision expression. */
function checked(...ids: readonly Oid[]): readonly Oid[] {
  const wrong = ids.find((id) => !/^[0-9a-f]{40}$/.test(id));
  if (wrong !== undefined) throw new PipewrightError('GitFailed', `'${wrong}' is no commit id`);
  return ids;
}

/** The ids of the commits between two commits, newest first. */
export async function between(program: GitProgram, dir: string, range: Range): Promise<readonly Oid[]> {
  const { from, to, limit, signal } = range;
  checked(to, ...(from === undefined ? [] : [from]));
  const args = [`--git-dir=${dir}`, 'rev-list', `--max-count=${limit}`, to, ...(from === undefined ? [] : [`^${from}`])];
  return (await runGit(program, args, signal && { signal })).toString().split('\n').filter(Boolean);
}

export interface Range {
  readonly from: Oid | undefined;
  readonly to: Oid;
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/** Counts all files, keeps the first `limit`: a change of everything is read through, not held. */
export async function numstat(program: GitProgram, dir: string, { from = '', to, limit, signal }: Range): Promise<GitStat> {
  checked(from, to);
  const args = [`--git-dir=${dir}`, 'diff-tree', '-r', '-z', '--numstat', '--no-renames', '--no-ext-diff', '--no-textconv', from, to];
  const child = startGit(program, args, signal && { signal });
  const files: GitFileStat[] = [];
  let [count, insertions, deletions] = [0, 0, 0];
  for await (const record of records(child.stdout)) {
    const file = parse(record);
    if (!file) continue;
    count++;
    insertions += file.insertions;
    deletions += file.deletions;
    if (files.length < limit) files.push(file);
  }
  const { code } = await child.exit;
  if (code !== 0) throw new PipewrightError('GitFailed', `git diff-tree ended with ${code}: ${child.stderr().trim()}`);
  return { files, count, insertions, deletions };
}

/** What stands between NULs. */
async function* records(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0); end !== -1; end = rest.indexOf(0)) {
      yield rest.subarray(0, end).toString();
      rest = rest.subarray(end + 1);
    }
  }
}

/** `12\t3\tpath`; of a binary file `-\t-\tpath`. */
function parse(record: string): GitFileStat | undefined {
  const match = /^(\d+|-)\t(\d+|-)\t([^]+)$/.exec(record);
  if (!match) return undefined;
  const [, added = '', deleted = '', path = ''] = match;
  const binary = added === '-';
  return { path, insertions: binary ? 0 : Number(added), deletions: binary ? 0 : Number(deleted), binary };
}
