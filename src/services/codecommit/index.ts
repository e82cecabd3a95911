import { messageOf } from '../../kernel/errors.ts';
import type { Principal } from '../../ports/authorise.ts';
import { write } from '../../ports/database.ts';
import type { Service } from '../../protocol/service.ts';
import { model, type Api } from './api.gen.ts';
import { branchOperations } from './operations/branches.ts';
import { changeOperations } from './operations/changes.ts';
import { commitOperations } from './operations/commits.ts';
import { differenceOperations } from './operations/differences.ts';
import { fileOperations } from './operations/files.ts';
import { repositoryOperations } from './operations/repositories.ts';
import { tagOperations } from './operations/tags.ts';
import { Recorder, type RecorderTools } from './recorder.ts';
import type { OperationTools } from './repositories.ts';
import { branchRef } from './rules/reference-changes.ts';
import { migrations, sql, type RepositoryRow } from './tables.ts';

export interface CodeCommitTools extends RecorderTools {
  /** The region of clone URLs, which name none. */
  readonly region: string;
}

/** What the git plane needs of the service beside its API. */
export interface CodeCommit extends Service<Api> {
  /** AWS's host names hold the region; elsewhere it is the server's own, then any in which there is a repository of this name. */
  findRepository(name: string, account: string, host: string): Promise<{ readonly id: string; readonly region: string } | undefined>;
  /** Regions that a git client of this host may have signed for, the likeliest first. */
  regions(host: string): Promise<readonly string[]>;
  /** Records what a push has moved, and raises its events. */
  afterPush(repository: { readonly id: string }, principal: Principal): Promise<void>;
}

function regionOf(host: string): string | undefined {
  return /^(?:vpce-.+\.)?git-codecommit(?:-fips)?\.([a-z0-9-]+)\./.exec(host)?.[1];
}

/** Makes good what a crash left between a row and its folder, and tells what was pushed and not yet told. */
async function recover(tools: OperationTools): Promise<void> {
  const { db, git, commits, recorder, log } = tools;
  for (const { repository } of await db.all<{ repository: string }>(sql.deleted)) {
    await git.delete(repository);
    await commits.commit([write(sql.forgetDeleted, [repository])]);
  }
  const folders = new Set(await git.list());
  for (const { id, default_branch: branch } of await db.all<RepositoryRow>(sql.every)) {
    try {
      if (!folders.has(id)) await git.create(id);
      await recorder.record(id);
      if (branch !== null && (await git.head(id)) !== branchRef(branch)) await git.setHead(id, branchRef(branch));
    } catch (error) {
      // One broken repository must not keep the server from starting.
      log.error('a repository could not be looked at', { repository: id, error: messageOf(error) });
    }
  }
}

/** AWS CodeCommit: the table of contents of this service. */
export function createCodeCommit(tools: CodeCommitTools): CodeCommit {
  const recorder = new Recorder(tools);
  const shared: OperationTools = { ...tools, recorder };
  const { db, region: home } = tools;
  return {
    model,
    migrations,
    operations: {
      ...repositoryOperations(shared),
      ...branchOperations(shared),
      ...commitOperations(shared),
      ...fileOperations(shared),
      ...differenceOperations(shared),
      ...changeOperations(shared),
      ...tagOperations(shared),
    },
    start: () => recover(shared),
    stop: () => recorder.idle(),
    async findRepository(name, account, host) {
      const rows = await db.all<RepositoryRow>(sql.inAnyRegion, account, name);
      const named = regionOf(host);
      const wanted =
        named === undefined ? (rows.find(({ region }) => region === home) ?? rows[0]) : rows.find(({ region }) => region === named);
      return wanted && { id: wanted.id, region: wanted.region };
    },
    async regions(host) {
      const used = (await db.all<{ region: string }>(sql.regions)).map(({ region }) => region);
      return [...new Set([...(regionOf(host) ? [regionOf(host)!] : []), home, ...used])];
    },
    afterPush: ({ id }, { arn }) => recorder.record(id, arn),
  };
}
