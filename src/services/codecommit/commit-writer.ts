import { createHash } from 'node:crypto';
import { errors, type CreateCommitInput } from './api.gen.ts';
import type { CallContext } from '../../protocol/context.ts';
import { unlessMoved } from './operations/branches.ts';
import type { OperationTools } from './repositories.ts';
import { checkBranchName, isObjectId } from './rules/names.ts';
import { pathsAskedAbout, planCommit, summarise, type CommitSummary, type FileBefore, type PlannedEdit } from './rules/plan-commit.ts';
import { FOLDER_MODE } from './rules/modes.ts';
import { branchRef } from './rules/reference-changes.ts';
import type { RepositoryRow } from './tables.ts';
import { Trees } from './trees.ts';

export interface Written extends CommitSummary {
  readonly commitId: string;
  readonly treeId: string;
}

type Input = Omit<CreateCommitInput, 'repositoryName'>;

const LONGEST_MESSAGE = 256 * 1024;
/** Kept in a folder that its last file leaves, where the caller asks for that: git has no empty folders. */
const KEEPER = '.gitkeep';

/** The id that git gives a blob. */
export function blobId(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** The commit that the branch must still be at; undefined for the first commit of an empty repository. */
async function parentOf(
  { git }: OperationTools,
  row: RepositoryRow,
  { branchName, parentCommitId: parent }: Input,
): Promise<string | undefined> {
  checkBranchName(branchName);
  const refs = await git.refs(row.id);
  const tip = refs.get(branchRef(branchName));
  if (tip === undefined) {
    if (refs.has(`refs/tags/${branchName}`)) throw errors.BranchNameIsTagNameException(`${branchName} is a tag of ${row.name}`);
    if ([...refs.keys()].some((ref) => ref.startsWith('refs/heads/'))) {
      throw errors.BranchDoesNotExistException(`${branchName} does not exist in ${row.name}`);
    }
    return undefined;
  }
  if (parent === undefined) throw errors.ParentCommitIdRequiredException(`${branchName} has commits: a parent commit id is required.`);
  if (!isObjectId(parent)) throw errors.InvalidParentCommitIdException(`${parent} is not a full commit id.`);
  if (parent.toLowerCase() === tip) return tip;
  if (!(await git.commit(row.id, parent.toLowerCase())))
    throw errors.ParentCommitDoesNotExistException(`${parent} is no commit of ${row.name}`);
  throw outdated(branchName);
}

function outdated(branch: string): Error {
  return errors.ParentCommitIdOutdatedException(`The parent commit id is not the tip of ${branch}.`);
}

async function lookUp(trees: Trees, tree: string | undefined, paths: Iterable<string>): Promise<Map<string, FileBefore>> {
  const before = new Map<string, FileBefore>();
  if (tree === undefined) return before;
  for (const path of paths) {
    const found = await trees.at(tree, path);
    if (found) before.set(path, found);
  }
  return before;
}

/** Keepers for the folders that the edits leave empty. */
async function keepers(trees: Trees, tree: string | undefined, edits: readonly PlannedEdit[]): Promise<PlannedEdit[]> {
  const gone = new Set(edits.flatMap(({ kind, path }) => (kind === 'delete' ? [path] : [])));
  const put = edits.flatMap(({ kind, path }) => (kind === 'put' ? [path] : []));
  const folders = new Set([...gone].flatMap((path) => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])));
  const kept: PlannedEdit[] = [];
  for (const folder of folders) {
    const found = tree === undefined ? undefined : await trees.at(tree, folder);
    const left = found?.mode === FOLDER_MODE ? (await trees.entries(found.id)).filter(({ name }) => !gone.has(`${folder}/${name}`)) : [];
    if (left.length > 0 || put.some((path) => path.startsWith(`${folder}/`))) continue;
    kept.push({ kind: 'put', path: `${folder}/${KEEPER}`, mode: '100644', content: new Uint8Array() });
  }
  return kept;
}

/** The name after the last slash of who calls: what a commit says where the caller gives no name. */
function nameOf(ctx: CallContext): string {
  return ctx.principal.arn.split(/[/:]/).at(-1) ?? ctx.principal.arn;
}

function checkTexts({ authorName = '', email = '', commitMessage = '' }: Input): void {
  if (Buffer.byteLength(commitMessage) > LONGEST_MESSAGE)
    throw errors.CommitMessageLengthExceededException('A commit message has at most 256 KB.');
  if (authorName.length > 2000) throw errors.NameLengthExceededException('An author name is too long.');
  // oxlint-disable-next-line no-control-regex -- control characters would break the commit
  if (/[<>\u0000-\u001f]/.test(email)) throw errors.InvalidEmailException(`${email} is not a valid e-mail address.`);
}

/** Writes one commit to a branch, raises its event, and says what it changed. `unchanged` makes the error for a commit without a change. */
export async function writeCommit(
  tools: OperationTools,
  row: RepositoryRow,
  input: Input,
  ctx: CallContext,
  unchanged: () => Error,
): Promise<Written> {
  checkTexts(input);
  const parent = await parentOf(tools, row, input);
  const tree = parent === undefined ? undefined : (await tools.git.commit(row.id, parent))!.tree;
  const trees = new Trees(tools.git, row.id);
  const before = await lookUp(trees, tree, pathsAskedAbout(input));
  const planned = planCommit(input, before);
  const edits = input.keepEmptyFolders ? [...planned, ...(await keepers(trees, tree, planned))] : planned;
  const summary = summarise(edits, before, blobId);
  if (Object.values(summary).every((files) => files.length === 0)) throw unchanged();
  const person = {
    name: input.authorName || nameOf(ctx),
    email: input.email ?? '',
    seconds: Math.floor(tools.clock.now() / 1000),
    offset: '+0000',
  };
  const change = { ref: branchRef(input.branchName), author: person, committer: person, message: input.commitMessage ?? '', edits };
  const written = await unlessMoved(tools.git.write(row.id, { ...change, ...(parent !== undefined && { parent }) }), () =>
    outdated(input.branchName),
  );
  await tools.recorder.record(row.id, ctx.principal.arn);
  return { commitId: written.commit, treeId: written.tree, ...summary };
}
