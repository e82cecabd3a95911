import { messageOf } from '../../kernel/errors.ts';
import { formatArn } from '../../kernel/arn.ts';
import { write, type Write } from '../../ports/database.ts';
import type { Git } from '../../ports/git.ts';
import type { ServiceTools } from '../../protocol/service.ts';
import {
  announced,
  branchRef,
  changeDetail,
  firstDefaultBranch,
  referenceChanges,
  type ReferenceChange,
  type References,
} from './rules/reference-changes.ts';
import { sql, type RepositoryRow } from './tables.ts';

export interface RecorderTools extends ServiceTools {
  readonly git: Git;
}

export function repositoryArn({ account, region, name }: Pick<RepositoryRow, 'account' | 'region' | 'name'>): string {
  return formatArn('codecommit', region, account, name);
}

function refWrite(repository: string, change: ReferenceChange): Write {
  const { ref } = change;
  const options = { expect: 1, label: 'ref' };
  if (change.kind === 'created') return write(sql.insertRef, [repository, ref, change.to], options);
  if (change.kind === 'updated') return write(sql.moveRef, [change.to, repository, ref, change.from], options);
  return write(sql.deleteRef, [repository, ref, change.from], options);
}

/**
 * Raises the events of a repository: what its references are now beside what was recorded. Both go into one commit, so that
 * each change is told once, whatever crashes in between; several moves between two looks are told as one.
 */
export class Recorder {
  readonly #tools: RecorderTools;
  readonly #turns = new Map<string, Promise<void>>();
  readonly #tidying = new Map<string, Promise<void>>();

  constructor(tools: RecorderTools) {
    this.#tools = tools;
  }

  /**
   * Looks at a repository, one look at a time. `caller` is whom the changes are ascribed to; without one (after a crash nobody
   * knows any more) it is the account.
   */
  record(id: string, caller?: string): Promise<void> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.#lookUnlessGone(id, caller));
    this.#turns.set(id, turn);
    const forget = () => this.#turns.get(id) === turn && this.#turns.delete(id);
    turn.then(forget, forget);
    return turn;
  }

  /** Resolves when nothing is being looked at. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#turns.values());
    await Promise.all(this.#tidying.values());
  }

  async #lookUnlessGone(id: string, caller: string | undefined): Promise<void> {
    try {
      await this.#look(id, caller);
    } catch (error) {
      // Deleted meanwhile; there is nobody left to tell.
      if (await this.#tools.db.get(sql.byId, id)) throw error;
    }
  }

  async #look(id: string, caller: string | undefined): Promise<void> {
    const { db, git, commits } = this.#tools;
    const repository = await db.get<RepositoryRow>(sql.byId, id);
    if (!repository) return;
    const actual = announced(await git.refs(id));
    const recorded = new Map((await db.all<{ ref: string; target: string }>(sql.refs, id)).map(({ ref, target }) => [ref, target]));
    const changes = referenceChanges(recorded, actual);
    if (changes.length === 0) return;
    // What is told must not be taken back by a power cut.
    await git.sync(
      id,
      changes.map(({ ref }) => ref),
    );
    const branch = repository.default_branch === null ? firstDefaultBranch(actual, await git.head(id)) : undefined;
    await commits.commit(await this.#unit(repository, changes, branch, caller));
    if (branch !== undefined) await this.#pointHead(id, branch);
    this.#maintain(id);
  }

  async #pointHead(id: string, branch: string): Promise<void> {
    const { git } = this.#tools;
    if ((await git.head(id)) !== branchRef(branch)) await git.setHead(id, branchRef(branch));
  }

  async #unit(
    repository: RepositoryRow,
    changes: readonly ReferenceChange[],
    branch: string | undefined,
    caller: string | undefined,
  ): Promise<Write[]> {
    const { clock, bus, ids } = this.#tools;
    const { id, account, region } = repository;
    const now = clock.now();
    const commits = await this.#commitsBehind(id, changes);
    const by = caller ?? `arn:aws:iam::${account}:root`;
    const told = changes.map((change) => changeDetail(repository, change, (target) => commits.get(target) ?? target, by));
    const common = {
      account,
      region,
      time: now,
      source: 'aws.codecommit',
      detailType: 'CodeCommit Repository State Change',
      bus: 'default',
    };
    return [
      branch === undefined ? write(sql.touch, [now, id], { expect: 1 }) : write(sql.setDefaultBranch, [branch, now, id], { expect: 1 }),
      ...changes.map((change) => refWrite(id, change)),
      ...told.map((detail) => bus.write({ ...common, id: ids.uuid(), resources: [repositoryArn(repository)], detail })),
    ];
  }

  /** The commits of the tags among the changes: a branch holds a commit anyway. */
  async #commitsBehind(id: string, changes: readonly ReferenceChange[]): Promise<References> {
    const tags = changes.filter(({ ref }) => ref.startsWith('refs/tags/'));
    const targets = tags.flatMap((change) => [...('to' in change ? [change.to] : []), ...('from' in change ? [change.from] : [])]);
    const pairs = await Promise.all(targets.map(async (target) => [target, (await this.#tools.git.peel(id, target)) ?? target] as const));
    return new Map(pairs);
  }

  /** Beside the turns, so that no push waits for it. */
  #maintain(id: string): void {
    const { git, log } = this.#tools;
    if (this.#tidying.has(id)) return;
    const warn = (error: unknown) => log.warn('a repository could not be tidied', { repository: id, error: messageOf(error) });
    const tidying = git
      .maintain(id)
      .catch(warn)
      .finally(() => this.#tidying.delete(id));
    this.#tidying.set(id, tidying);
  }
}
