import type { Account } from './account.ts';

export interface Entering {
  readonly tools: Readonly<Record<string, string>>;
  /** Process 1 of the namespaces. */
  readonly init: number;
  readonly asRoot: boolean;
  /** Beside the account's own. */
  readonly groups: readonly number[];
}

export const ENTERING_TOOLS = ['nsenter', 'setpriv', 'unshare'] as const;

/** The beginning of a command line that runs a program in there, as that user and with no right of root's, also not by set-user-ID programs. */
export function enter({ tools, init, asRoot, groups }: Entering, { uid, gid }: Account): readonly [string, ...string[]] {
  const { nsenter = '', setpriv = '', unshare = '' } = tools;
  const spaces = ['--target', String(init), '--mount', '--pid', '--ipc'];
  if (!asRoot) {
    // Root within, who made the mounts, is us outside; in a further user namespace the program is us by name too, and may undo no mount.
    const self = [unshare, '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--', setpriv, '--no-new-privs', '--'];
    return [nsenter, ...spaces, '--user', '--preserve-credentials', '--', ...self];
  }
  const belongs = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`;
  const rights = ['--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all', '--no-new-privs'];
  return [nsenter, ...spaces, '--', setpriv, `--reuid=${uid}`, `--regid=${gid}`, belongs, ...rights, '--'];
}
