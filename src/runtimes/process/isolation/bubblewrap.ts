import { join } from 'node:path';
import { unreachable } from '../../../kernel/errors.ts';
import type { Method } from './method.ts';
import type { Mount } from './view.ts';

/** Bubblewrap lets nobody else into the folders that it makes on the way to a target. */
function wayTo(target: string, covered: readonly string[]): readonly string[] {
  const above = covered.find((folder) => target.startsWith(`${folder}/`));
  if (above === undefined) return [];
  const names = target
    .slice(above.length + 1)
    .split('/')
    .slice(0, -1);
  return names.flatMap((_, i) => ['--perms', '0755', '--dir', join(above, ...names.slice(0, i + 1))]);
}

function argument(mount: Mount, covered: readonly string[]): readonly string[] {
  switch (mount.kind) {
    case 'empty':
      return ['--tmpfs', mount.target];
    case 'folder':
      return [...wayTo(mount.target, covered), mount.writable ? '--bind' : '--ro-bind', mount.source, mount.target];
    case 'file':
      return ['--ro-bind', mount.source, mount.target];
    case 'seal':
      return ['--remount-ro', mount.target];
    default:
      return unreachable(mount);
  }
}

/** By bubblewrap, the tool that Flatpak uses: https://github.com/containers/bubblewrap. */
export const bubblewrap: Method = {
  name: 'bubblewrap',
  needs: ['bwrap'],
  command({ tools, mounts, system, asRoot }) {
    // An unprivileged user must be root within, where only root mounts; the build's programs are that no more (enter.ts).
    const user = asRoot ? [] : ['--unshare-user', '--uid', '0', '--gid', '0'];
    const fresh = ['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--tmpfs', '/dev/shm'];
    const spaces = ['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--info-fd', '3'];
    const covered = [...system.hidden, '/tmp', '/var/tmp', '/run'];
    return {
      command: tools['bwrap']!,
      args: [...user, ...fresh, ...mounts.flatMap((mount) => argument(mount, covered)), ...spaces, '/bin/sh', '-c', 'echo ready; exec cat'],
    };
  },
  init: ({ info }) => Number((JSON.parse(info) as { 'child-pid'?: number })['child-pid']),
};
