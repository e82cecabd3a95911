import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';

/** One step of making what a build sees; they are done in their order, over a read-only view of the whole system. */
export type Mount =
  /** Nothing to see there. */
  | { readonly kind: 'empty'; readonly target: string }
  | { readonly kind: 'folder'; readonly source: string; readonly target: string; readonly writable: boolean }
  /** A file or socket. */
  | { readonly kind: 'file'; readonly source: string; readonly target: string }
  /** What was made empty gets no more in it. */
  | { readonly kind: 'seal'; readonly target: string };

export interface Room {
  /** The workspace: to be seen at its own path, for reading. */
  readonly root: string;
  /** Below it: for writing too. */
  readonly writable: readonly string[];
  /** What the build sees as /tmp. */
  readonly temporary: string;
  readonly passwd: string;
  readonly group: string;
  /** The container engine's, where the build may use it. */
  readonly socket?: string | undefined;
}

/** What there is to hide, and what of it is needed all the same; found once. */
export interface System {
  readonly hidden: readonly string[];
  readonly kept: readonly string[];
}

const within = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** Where people's and services' own files are; programs and libraries are elsewhere. */
const PRIVATE = ['/home', '/root', '/mnt', '/media'];
/** The build gets its own of these. */
const REPLACED = ['/tmp', '/var/tmp', '/proc', '/dev', '/run'];

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The folders of an installed program that is found below a hidden folder: a version manager's node, say. Nothing else of that folder. */
function installation(bin: string): readonly string[] {
  if (!['bin', 'sbin'].includes(basename(bin))) return [bin];
  const beside = ['lib', 'lib64', 'libexec', 'include'].map((name) => join(dirname(bin), name));
  return [bin, ...beside.filter((path) => existsSync(path))];
}

/** Where host names are looked up, when that is told below /run (systemd-resolved, NetworkManager). */
function resolver(): readonly string[] {
  const file = real('/etc/resolv.conf');
  return file !== undefined && within(file, '/run') ? [dirname(file)] : [];
}

/** `own`: folders of the server's; `home`: of the server's user; `path`: what programs are found by. */
export function describeSystem(own: readonly string[], home: string, path: string): System {
  const asked = [...PRIVATE, ...own, home].filter((folder) => isAbsolute(folder) && folder !== '/');
  const folders = [...new Set(asked.flatMap((folder) => real(folder) ?? []))].filter((folder) => statSync(folder).isDirectory());
  const hidden = folders.filter((folder) => ![...folders, ...REPLACED].some((other) => other !== folder && within(folder, other)));
  const covered = [...hidden, '/tmp', '/var/tmp', '/run'];
  const programs = path
    .split(delimiter)
    .filter(isAbsolute)
    .flatMap((folder) => real(folder) ?? [])
    .filter((folder) => covered.some((other) => within(folder, other)))
    .filter((folder) => !own.some((mine) => within(folder, mine)));
  return { hidden: hidden.sort(), kept: [...new Set([...programs.flatMap(installation), ...resolver()])] };
}

/** What a build sees: the system for reading, nobody's files, its own workspace, /tmp and user. */
export function viewOf({ hidden, kept }: System, room: Room): readonly Mount[] {
  const folder = (path: string, writable: boolean): Mount => ({ kind: 'folder', source: path, target: path, writable });
  return [
    ...[...hidden, '/run'].map((target): Mount => ({ kind: 'empty', target })),
    ...['/tmp', '/var/tmp'].map((target): Mount => ({ kind: 'folder', source: room.temporary, target, writable: true })),
    ...kept.map((path) => folder(path, false)),
    folder(room.root, false),
    ...room.writable.map((path) => folder(path, true)),
    { kind: 'file', source: room.passwd, target: '/etc/passwd' },
    { kind: 'file', source: room.group, target: '/etc/group' },
    ...(room.socket === undefined ? [] : [{ kind: 'file', source: room.socket, target: '/run/docker.sock' } as const]),
    ...hidden.map((target): Mount => ({ kind: 'seal', target })),
  ];
}

/** File systems that hold nobody's files: the kernel's own, whose writing root's rights guard. */
const PSEUDO =
  /^(proc|sysfs|cgroup2?|devpts|devtmpfs|mqueue|debugfs|tracefs|securityfs|bpf|pstore|configfs|fusectl|binfmt_misc|nsfs|autofs|rpc_pipefs|efivarfs|hugetlbfs|selinuxfs)$/;

export interface WritableMount {
  readonly target: string;
  /** Of those that an unprivileged user may not take away. */
  readonly flags: readonly string[];
}

const unescape = (text: string): string => text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

/** The mounts of the system that a build would see and could write to. `table`: of /proc/self/mountinfo. */
export function writableMounts(system: System, table = readFileSync('/proc/self/mountinfo', 'utf8')): readonly WritableMount[] {
  const covered = [...system.hidden, ...REPLACED, '/sys'];
  return table.split('\n').flatMap((line) => {
    const [front = '', back = ''] = line.split(' - ');
    const [, , , , escaped = '', options = ''] = front.split(' ');
    const target = unescape(escaped);
    const flags = options.split(',');
    if (target === '' || target === '/' || !flags.includes('rw') || PSEUDO.test(back.split(' ')[0] ?? '')) return [];
    if (covered.some((folder) => within(target, folder))) return [];
    return [{ target, flags: flags.filter((flag) => ['nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime'].includes(flag)) }];
  });
}
