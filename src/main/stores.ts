import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/log.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { Database } from '../ports/database.ts';
import type { Git } from '../ports/git.ts';
import type { SecretBox } from '../ports/secrets.ts';
import type { Spawner } from '../ports/spawn.ts';
import { createArtifacts } from '../store/artifacts/index.ts';
import { openFileBlobs, type FileBlobs } from '../store/blobs/index.ts';
import { openGit } from '../store/git/index.ts';
import { openFileLogs, type FileLogs } from '../store/logs/index.ts';
import { createSecretBox, loadMasterKey } from '../store/secrets.ts';
import { openSqlite } from '../store/sqlite/index.ts';

/** Everything that keeps something, opened on one data folder. */
export interface Stores {
  readonly database: Database;
  readonly blobs: FileBlobs;
  readonly artifacts: Artifacts;
  readonly logs: FileLogs;
  readonly git: Git;
  readonly secrets: SecretBox;
  /** Empties all of it but the keys (the reset endpoint). */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openStores(
  dir: string,
  tools: { readonly clock: Clock; readonly log: Logger; readonly spawner: Spawner },
): Promise<Stores> {
  const { clock, log, spawner } = tools;
  const scratch = join(dir, 'scratch');
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const database = openSqlite({ path: join(dir, 'pipewright.db'), log });
  const blobs = await openFileBlobs({ dir: join(dir, 'blobs'), clock });
  const logs = openFileLogs({ dir: join(dir, 'logs'), clock });
  const git = await openGit({ folder: join(dir, 'git'), spawner, clock });
  const secrets = createSecretBox([loadMasterKey(join(dir, 'master-key'), process.env.PIPEWRIGHT_MASTER_KEY)]);
  return {
    database,
    blobs,
    artifacts: createArtifacts({ blobs, dir: scratch }),
    logs,
    git,
    secrets,
    async clear() {
      await database.clear();
      for (const repository of await git.list()) await git.delete(repository);
      await logs.clear();
      await blobs.clear();
    },
    async close() {
      await git.close();
      await logs.close();
      await database.close();
    },
  };
}
