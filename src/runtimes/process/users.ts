import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Folders } from '../workspace.ts';
import { ownAccount, type Account } from './isolation/account.ts';

const run = promisify(execFile);

const unavailable = (why: string): Error => new PipewrightError('UserUnavailable', why);

async function idOf(name: string, kind: '-u' | '-g'): Promise<number> {
  try {
    return Number((await run('id', [kind, '--', name])).stdout);
  } catch {
    throw unavailable(`run-as: there is no user ${JSON.stringify(name)} on this machine`);
  }
}

/**
 * A user of this machine whom commands shall run as. Rejects (UserUnavailable) where there is none of that name; and any but ourselves where
 * we are not root, or the build is not isolated: nobody else gets to its workspace then.
 */
export async function userNamed(name: string, isolated: boolean): Promise<Account> {
  if (process.platform === 'win32' || name.startsWith('-'))
    throw unavailable(`run-as: there is no user ${JSON.stringify(name)} on this machine`);
  const [uid, gid] = await Promise.all([idOf(name, '-u'), idOf(name, '-g')]);
  if (uid === process.getuid?.() || (isolated && process.getuid?.() === 0)) return { name, uid, gid };
  const own = ownAccount().name;
  const why = isolated
    ? `the server runs as ${own}, and only one that runs as root can run commands as ${name}`
    : `without isolation a build's files are for ${own} alone, and commands cannot run as ${name}`;
  throw unavailable(`run-as: ${why}`);
}

/** A home of its own below the workspace: the one in the table of users is not there for builds. */
export function homeOf({ uid, gid }: Account, { homes }: Pick<Folders, 'homes'>): string {
  const home = join(homes, String(uid));
  if (!existsSync(home)) {
    mkdirSync(home);
    chownSync(home, uid, gid);
  }
  return home;
}
