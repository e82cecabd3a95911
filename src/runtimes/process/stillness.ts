import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { signalPid } from './process-table.ts';

interface Seen {
  readonly pid: number;
  readonly parent: number;
  /** As in /proc: R, S, D, T, Z, … */
  readonly state: string;
  /** Its PID namespace; undefined where that is not for us to know. */
  readonly space: string | undefined;
}

function spaceOf(pid: number | string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

function look(pid: string): readonly Seen[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(pid), parent: Number(parent), state, space: spaceOf(pid) }];
  } catch {
    // It ended meanwhile.
    return [];
  }
}

interface Group {
  /** In the namespace, or in one within it; without its process 1, which runs nothing of the build's. */
  readonly inside: readonly Seen[];
  /** Those outside that brought one in (nsenter): they stop when it stops, and must go on after it. */
  readonly guides: readonly Seen[];
}

function groupOf(init: number): Group {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(look);
  const space = spaceOf(init);
  const members = new Set(all.filter((one) => one.space !== undefined && one.space === space).map(({ pid }) => pid));
  for (let before = 0; before !== members.size;) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  const inside = all.filter(({ pid }) => members.has(pid) && pid !== init);
  const parents = new Set(inside.map(({ parent }) => parent));
  return { inside, guides: all.filter(({ pid }) => parents.has(pid) && !members.has(pid)) };
}

const isStill = ({ state }: Seen): boolean => ['T', 't', 'Z', 'X'].includes(state);

/** How long a process may take that waits for the disk, ms: it does nothing of its own meanwhile. */
const PATIENCE_MS = 2_000;

/**
 * Stops all that still move. A guide before whom it brought in: nsenter stops itself when it sees its program stop, whenever it comes to
 * that, and nobody would know that it has to be told to go on.
 */
function stopSome({ inside, guides }: Group, stopped: { readonly inside: Set<number>; readonly guides: Set<number> }): boolean {
  const awake = new Set(guides.filter((one) => !isStill(one)).map(({ pid }) => pid));
  for (const pid of awake) {
    signalPid(pid, 'SIGSTOP');
    stopped.guides.add(pid);
  }
  const moving = inside.filter((one) => !isStill(one));
  for (const { pid, parent } of moving) {
    if (awake.has(parent)) continue;
    signalPid(pid, 'SIGSTOP');
    stopped.inside.add(pid);
  }
  return awake.size + moving.length > 0;
}

/** When it is looked again whether the guides go on, ms after the work. */
const LOOKS_MS = [1, 10, 100, 1_000, 5_000];

/** A guide may have stopped itself at the sight of its stopped program just now, or be about to. */
async function wakeAgain(guides: ReadonlySet<number>): Promise<void> {
  for (const ms of LOOKS_MS) {
    await new Promise((resolve) => setTimeout(resolve, ms).unref());
    const stopped = [...guides].filter((pid) => look(String(pid)).some(({ state }) => state === 'T'));
    for (const pid of stopped) signalPid(pid, 'SIGCONT');
  }
}

/**
 * Does the work while every process of the namespace is stopped: what we look at, and then open, stays what it was. Otherwise a build could
 * put a link in its place at the right moment, and have us, who may do more than it may, read or write elsewhere.
 */
export async function whileStill<T>(init: number, work: () => Promise<T>): Promise<T> {
  const stopped = { inside: new Set<number>(), guides: new Set<number>() };
  const until = Date.now() + PATIENCE_MS;
  try {
    while (stopSome(groupOf(init), stopped) && Date.now() < until) await new Promise((resolve) => setImmediate(resolve));
    return await work();
  } finally {
    const guides = new Set([...stopped.guides, ...groupOf(init).guides.map(({ pid }) => pid)]);
    // The guides last: they must not find their programs stopped.
    for (const pid of [...stopped.inside, ...guides]) signalPid(pid, 'SIGCONT');
    void wakeAgain(guides);
  }
}
