import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Folders } from '../../workspace.ts';
import { Accounts, accountTables, ownAccount, type Account } from './account.ts';
import { whileStill } from '../stillness.ts';
import { enter } from './enter.ts';
import type { Making, Method } from './method.ts';
import { Sandbox } from './sandbox.ts';
import { viewOf, type System } from './view.ts';

/** How builds are isolated here: found by doing it (detect.ts). */
export interface Means {
  readonly method: Method;
  readonly tools: Readonly<Record<string, string>>;
  readonly system: System;
  readonly asRoot: boolean;
}

export interface RoomWish {
  readonly folders: Folders;
  /** In the environment of all that runs there. */
  readonly mark: Readonly<Record<string, string>>;
  /** The container engine's, where the build may use it. */
  readonly socket?: { readonly path: string; readonly gid: number } | undefined;
  /** Told of the room's end. */
  left?(): void;
}

/** A build's own view of the machine. Its sandbox is made again where it was ended and something is to run once more. */
export class BuildRoom {
  readonly account: Account;
  readonly #means: Means;
  readonly #wish: RoomWish;
  readonly #writable: readonly string[];
  #sandbox: Promise<Sandbox> | undefined;
  /** Settles when programs may run there. */
  #still: Promise<unknown> = Promise.resolve();
  #made = 0;

  constructor(means: Means, account: Account, wish: RoomWish) {
    this.#means = means;
    this.account = account;
    this.#wish = wish;
    const { source, sources, home, temporary, homes } = wish.folders;
    this.#writable = [source, sources, home, temporary, homes];
    // The sources' folders stay ours while we fill them: git works in nobody else's.
    if (means.asRoot) chownSync(home, account.uid, account.gid);
    const { passwd, group } = accountTables(account, home);
    for (const [name, text] of Object.entries({ passwd, group })) {
      writeFileSync(this.#file(name), text);
      // Whatever our umask is.
      chmodSync(this.#file(name), 0o644);
    }
  }

  /** The beginning of a command line that runs a program there: as the build's user, or as another one that exists. */
  async entrance(user: Account = this.account): Promise<readonly [string, ...string[]]> {
    const { tools, asRoot } = this.#means;
    await this.#still;
    const { init } = await this.ready();
    const gid = this.#wish.socket?.gid;
    return enter({ tools, init, asRoot, groups: gid === undefined ? [] : [gid] }, user);
  }

  async ready(): Promise<Sandbox> {
    if (this.#sandbox && !(await this.#sandbox).alive) this.#sandbox = undefined;
    return (this.#sandbox ??= this.#make());
  }

  /** Does the work while none of its processes runs. */
  async still<T>(work: () => Promise<T>): Promise<T> {
    const sandbox = await this.#sandbox;
    if (!sandbox?.alive) return work();
    const working = whileStill(sandbox.init, work);
    this.#still = working.catch(() => undefined);
    return working;
  }

  /** Ends every process in it; resolves when none is left. */
  async end(): Promise<void> {
    await this.#sandbox?.then((sandbox) => sandbox.end()).catch(() => undefined);
  }

  /** Its user goes to another build: once nothing of it is left, files neither. */
  leave(): void {
    this.#wish.left?.();
  }

  #file(name: string): string {
    return join(this.#wish.folders.scratch, name);
  }

  #make(): Promise<Sandbox> {
    const { method, tools, system, asRoot } = this.#means;
    const { root, temporary } = this.#wish.folders;
    const room = { root, temporary, writable: this.#writable, passwd: this.#file('passwd'), group: this.#file('group') };
    const mounts = viewOf(system, { ...room, socket: this.#wish.socket?.path });
    const scratch = this.#file(`sandbox-${++this.#made}`);
    mkdirSync(scratch);
    const making: Making = { tools, mounts, system, asRoot, scratch };
    return Sandbox.start(method, making, this.#wish.mark).finally(() => rmSync(scratch, { recursive: true, force: true }));
  }
}

/** Makes rooms, each with a user of its own where we are root. */
export class Rooms {
  readonly #means: Means;
  readonly #accounts = new Accounts();
  readonly #own = ownAccount();

  constructor(means: Means) {
    this.#means = means;
  }

  make(wish: RoomWish): BuildRoom {
    if (!this.#means.asRoot) return new BuildRoom(this.#means, this.#own, wish);
    const account = this.#accounts.take();
    return new BuildRoom(this.#means, account, { ...wish, left: () => this.#accounts.free(account) });
  }
}
