import type { JsonObject } from '../../../kernel/json.ts';

export type References = ReadonlyMap<string, string>;

/** A branch or tag that is not as we recorded it. Targets are what the reference holds: a commit, or an annotated tag. */
export type ReferenceChange =
  | { readonly kind: 'created'; readonly ref: string; readonly to: string }
  | { readonly kind: 'updated'; readonly ref: string; readonly from: string; readonly to: string }
  | { readonly kind: 'deleted'; readonly ref: string; readonly from: string };

const BRANCH = 'refs/heads/';
const TAG = 'refs/tags/';

/** Branches and tags only: CodeCommit says nothing of other references (notes). */
export function announced(refs: References): References {
  return new Map([...refs].filter(([ref]) => ref.startsWith(BRANCH) || ref.startsWith(TAG)));
}

/** What has happened since `recorded`: deletions first, as git itself orders a push. */
export function referenceChanges(recorded: References, actual: References): readonly ReferenceChange[] {
  const deleted = [...recorded].filter(([ref]) => !actual.has(ref)).map(([ref, from]) => ({ kind: 'deleted', ref, from }) as const);
  const others = [...actual].flatMap(([ref, to]): ReferenceChange[] => {
    const from = recorded.get(ref);
    if (from === to) return [];
    return [from === undefined ? { kind: 'created', ref, to } : { kind: 'updated', ref, from, to }];
  });
  return [...deleted, ...others];
}

export function branchName(ref: string): string | undefined {
  return ref.startsWith(BRANCH) ? ref.slice(BRANCH.length) : undefined;
}

export function branchRef(name: string): string {
  return BRANCH + name;
}

/** The first branch that comes into a repository is its default branch; of several at once the one HEAD names, main or master. */
export function firstDefaultBranch(refs: References, head: string): string | undefined {
  const branches = [...refs.keys()].flatMap((ref) => branchName(ref) ?? []);
  return [branchName(head), 'main', 'master'].find((name) => name !== undefined && branches.includes(name)) ?? branches[0];
}

/**
 * The detail of a `CodeCommit Repository State Change` event; `commitOf` gives the commit behind an annotated tag.
 * https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
 */
export function changeDetail(
  repository: { readonly name: string; readonly id: string },
  change: ReferenceChange,
  commitOf: (target: string) => string,
  callerUserArn: string,
): JsonObject {
  const names = { created: 'referenceCreated', updated: 'referenceUpdated', deleted: 'referenceDeleted' } as const;
  const branch = branchName(change.ref);
  return {
    event: names[change.kind],
    repositoryName: repository.name,
    repositoryId: repository.id,
    referenceType: branch === undefined ? 'tag' : 'branch',
    referenceName: branch ?? change.ref.slice(TAG.length),
    referenceFullName: change.ref,
    ...(change.kind !== 'deleted' && { commitId: commitOf(change.to) }),
    ...(change.kind !== 'created' && { oldCommitId: commitOf(change.from) }),
    callerUserArn,
  };
}
