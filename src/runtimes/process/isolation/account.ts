import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** Whom a build's processes run as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Where builds of a server that is root get their user ids: between what systems give to people, services and containers, and
 * within the 2,097,151 that the formats of tar and cpio can state.
 */
const FIRST = 2_000_000;
const COUNT = 4096;

/** Gives each build that runs an id of its own. */
export class Accounts {
  readonly #taken = new Set<number>();

  take(): Account {
    let uid = FIRST;
    while (this.#taken.has(uid)) uid++;
    if (uid >= FIRST + COUNT) throw new RangeError('more builds at once than there are users for them');
    this.#taken.add(uid);
    return { name: 'build', uid, gid: uid };
  }

  free({ uid }: Account): void {
    this.#taken.delete(uid);
  }
}

/** Whom we are: an unprivileged server's builds stay its user. */
export function ownAccount(): Account {
  const [uid, gid] = [process.getuid?.() ?? -1, process.getgid?.() ?? -1];
  try {
    return { name: userInfo().username, uid, gid };
  } catch {
    // No table of users knows the id: that of a container's user, often.
    return { name: 'build', uid, gid };
  }
}

function without(text: string, name: string, id: number): string {
  const lines = text.split('\n').filter((line) => {
    const [ownName, , ownId] = line.split(':');
    return line !== '' && ownName !== name && ownId !== String(id);
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** The tables of users and groups as the build sees them: programs that ask who they are (git, ssh, node) find an answer, and its home. */
export function accountTables({ name, uid, gid }: Account, home: string): { readonly passwd: string; readonly group: string } {
  const passwd = without(readFileSync('/etc/passwd', 'utf8'), name, uid);
  const group = without(readFileSync('/etc/group', 'utf8'), name, gid);
  return { passwd: `${passwd}${name}:x:${uid}:${gid}:Build:${home}:/bin/sh\n`, group: `${group}${name}:x:${gid}:\n` };
}
