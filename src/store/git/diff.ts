import type { GitChange, GitTreeEntry, Oid } from '../../ports/git.ts';

export const FOLDER = '040000';

export type ReadTree = (id: Oid) => Promise<readonly GitTreeEntry[]>;

/** Git sorts a folder as if its name ended in a slash. */
function keyOf(entry: GitTreeEntry): Buffer {
  return Buffer.from(entry.mode === FOLDER ? `${entry.name}/` : entry.name);
}

/** Two sorted lists side by side: entries of equal key together, others alone. */
function* sideBySide(before: readonly GitTreeEntry[], after: readonly GitTreeEntry[]): Generator<[GitTreeEntry?, GitTreeEntry?]> {
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [a, b] = [before[i], after[j]];
    const order = !a ? 1 : !b ? -1 : Buffer.compare(keyOf(a), keyOf(b));
    yield [order <= 0 ? a : undefined, order >= 0 ? b : undefined];
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}

/** What differs between two trees; folders that are equal are not opened. `prefix` ends in a slash or is empty. */
export async function* diffTrees(read: ReadTree, before: Oid | undefined, after: Oid | undefined, prefix = ''): AsyncGenerator<GitChange> {
  if (before === after) return;
  const [left, right] = await Promise.all([before ? read(before) : [], after ? read(after) : []]);
  for (const [a, b] of sideBySide(left, right)) {
    if (a && b && a.id === b.id && a.mode === b.mode) continue;
    const path = prefix + (a ?? b)!.name;
    if ((a ?? b)!.mode === FOLDER) yield* diffTrees(read, a?.id, b?.id, `${path}/`);
    else yield { path, ...(a && { before: { mode: a.mode, id: a.id } }), ...(b && { after: { mode: b.mode, id: b.id } }) };
  }
}
