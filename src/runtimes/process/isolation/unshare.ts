import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unreachable } from '../../../kernel/errors.ts';
import { quote } from '../../../kernel/shell-quote.ts';
import type { Making, Method } from './method.ts';
import { writableMounts, type Mount } from './view.ts';

const escape = (text: string): string =>
  text.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);

/** A line of https://man7.org/linux/man-pages/man5/fstab.5.html: one mount(8) does them all, where each would cost a process. */
const entry = (source: string, target: string, type: string, options: string): string =>
  `${escape(source)} ${escape(target)} ${type} ${options} 0 0\n`;

function line(mount: Mount, root: string): string {
  const target = root + mount.target;
  switch (mount.kind) {
    case 'empty':
      return entry('tmpfs', target, 'tmpfs', 'mode=755,nosuid,nodev');
    case 'folder':
      return entry(mount.source, target, 'none', `bind,X-mount.mkdir=755${mount.writable ? '' : ',ro'}`);
    case 'file':
      return entry(mount.source, target, 'none', 'bind,ro');
    case 'seal':
      return entry('tmpfs', target, 'none', 'remount,ro,nosuid,nodev');
    default:
      return unreachable(mount);
  }
}

function base({ system }: Making, root: string): string {
  return [
    entry('/', root, 'none', 'rbind'),
    entry('/', root, 'none', 'remount,bind,ro'),
    ...writableMounts(system).map(({ target, flags }) => entry(target, root + target, 'none', ['remount,bind,ro', ...flags].join(','))),
    entry('proc', `${root}/proc`, 'proc', 'nosuid,nodev,noexec'),
    entry('devpts', `${root}/dev/pts`, 'devpts', 'newinstance,ptmxmode=0666,mode=620,nosuid,noexec'),
    entry('tmpfs', `${root}/dev/shm`, 'tmpfs', 'mode=1777,nosuid,nodev'),
  ].join('');
}

/**
 * `read` sees the process's id outside as long as the new /proc is not mounted. `pivot_root . .` puts the new root over the old one,
 * which is taken away then. As process 1 the shell reaps, in `wait`, what is orphaned.
 */
const script = (tools: Making['tools'], root: string, tables: readonly [string, string], made: readonly string[]): string => `
read -r pid _ </proc/self/stat
${quote(tools['mount']!)} -a -T ${quote(tables[0])} || exit 1
${made.map((path) => `: >${quote(root + path)} || exit 1`).join('\n')}
${quote(tools['mount']!)} -a -T ${quote(tables[1])} || exit 1
cd ${quote(root)} && ${quote(tools['pivot_root']!)} . . && ${quote(tools['umount']!)} -l . && cd / || exit 1
echo "ready $pid"
exec 4<&0
cat <&4 &
wait
`;

/** By the tools of util-linux, which every distribution has. */
export const unshare: Method = {
  name: 'unshare',
  needs: ['unshare', 'setpriv', 'mount', 'umount', 'pivot_root'],
  command(making) {
    const { tools, mounts, scratch, asRoot } = making;
    const [root, first, last] = [join(scratch, 'root'), join(scratch, 'first'), join(scratch, 'last')] as const;
    mkdirSync(root);
    const files = mounts.filter(({ kind }) => kind === 'file' || kind === 'seal');
    writeFileSync(
      first,
      base(making, root) +
        mounts
          .filter((mount) => !files.includes(mount))
          .map((mount) => line(mount, root))
          .join(''),
    );
    writeFileSync(last, files.map((mount) => line(mount, root)).join(''));
    const made = files.flatMap(({ target }) => (target.startsWith('/run/') ? [target] : []));
    const user = asRoot ? [] : ['--user', '--map-root-user'];
    const spaces = ['--mount', '--pid', '--ipc', '--fork', '--kill-child', '--propagation', 'private'];
    const shell = ['/bin/sh', '-c', script(tools, root, [first, last], made)];
    return { command: tools['setpriv']!, args: ['--pdeathsig', 'KILL', '--', tools['unshare']!, ...user, ...spaces, '--', ...shell] };
  },
  init: ({ output }) => Number(output.split(' ')[1]),
};
