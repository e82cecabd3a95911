import { randomUUID } from 'node:crypto';
import { PipewrightError } from '../../kernel/errors.ts';
import type { GitEdit, GitPerson, NewCommit, Oid } from '../../ports/git.ts';
import { tryGit, type GitProgram } from './environment.ts';
import { updateRefs } from './refs.ts';

/** Where a commit is anchored between its writing and the moving of its branch; hidden from clients. */
const SCRATCH = 'refs/pipewright/commit-';
const COMMIT_MARK = 1;

/** Angle brackets and control characters would end a name early; git drops them too. */
function cleanName(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  return text.replace(/[<>\u0000-\u001f\u007f]/g, '').trim();
}

function person(kind: string, { name, email, seconds, offset }: GitPerson): string {
  return `${kind} ${cleanName(name)} <${cleanName(email)}> ${seconds} ${offset}\n`;
}

function quote(path: string): string {
  return `"${path.replace(/["\\]/g, (char) => `\\${char}`).replaceAll('\n', '\\n')}"`;
}

function data(content: Uint8Array): Buffer[] {
  return [Buffer.from(`data ${content.length}\n`), Buffer.from(content), Buffer.from('\n')];
}

function edit(step: GitEdit): Buffer[] {
  if (step.kind === 'delete') return [Buffer.from(`D ${quote(step.path)}\n`)];
  const { mode, path, content } = step;
  if (!(content instanceof Uint8Array)) return [Buffer.from(`M ${mode} ${content.id} ${quote(path)}\n`)];
  return [Buffer.from(`M ${mode} inline ${quote(path)}\n`), ...data(content)];
}

/** The commit in the words of git fast-import (https://git-scm.com/docs/git-fast-import). */
function importScript(change: NewCommit, scratch: string): Buffer {
  const { parent, author, committer, message, edits } = change;
  const head = `feature done\ncommit ${scratch}\nmark :${COMMIT_MARK}\n${person('author', author)}${person('committer', committer)}`;
  return Buffer.concat([
    Buffer.from(head),
    ...data(Buffer.from(message)),
    ...(parent ? [Buffer.from(`from ${parent}\n`)] : []),
    // Deletions first, so that a file may take the place of a folder and the other way round.
    ...edits.filter(({ kind }) => kind === 'delete').flatMap(edit),
    ...edits.filter(({ kind }) => kind === 'put').flatMap(edit),
    Buffer.from(`\nget-mark :${COMMIT_MARK}\ndone\n`),
  ]);
}

/** Writes the objects as one pack under a scratch reference, then moves the branch if it still stands where it should. */
export async function writeCommit(program: GitProgram, path: string, change: NewCommit): Promise<Oid> {
  const scratch = SCRATCH + randomUUID();
  const args = [`--git-dir=${path}`, 'fast-import', '--quiet', '--date-format=raw'];
  const { code, stdout, stderr } = await tryGit(program, args, { stdin: importScript(change, scratch) });
  const commit = stdout.toString().trim();
  if (code !== 0 || !/^[0-9a-f]{40}$/.test(commit)) throw new PipewrightError('GitFailed', `git fast-import: ${stderr.trim()}`);
  const drop = { ref: scratch, from: commit, to: undefined };
  try {
    await updateRefs(program, path, [{ ref: change.ref, from: change.parent, to: commit }, drop]);
  } catch (error) {
    await updateRefs(program, path, [drop]);
    throw error;
  }
  return commit;
}
