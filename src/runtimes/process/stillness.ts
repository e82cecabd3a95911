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

async function stopAll(init: number, which: (group: Group) => readonly Seen[], stopped: Set<number>): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const moving = which(groupOf(init)).filter((one) => !isStill(one));
    if (moving.length === 0 || Date.now() > until) return;
    for (const { pid } of moving) {
      signalPid(pid, 'SIGSTOP');
      stopped.add(pid);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The namespaces that stand still now. */
const standing = new Set<number>();

/** How long after a guide may still stop, ms: it had seen that what it brought in stopped, and had not done so itself yet. */
const LATE_MS = [20, 200];

/**
 * Guides that stopped by themselves among them: one that was about to bring its program in when we began was not there to be stopped by us,
 * and whoever does not go on with it never learns how its program ended.
 */
function goOn(init: number, stopped: ReadonlySet<number>): void {
  if (standing.has(init)) return;
  const stuck = groupOf(init).guides.filter(isStill);
  for (const pid of new Set([...stopped, ...stuck.map((guide) => guide.pid)])) signalPid(pid, 'SIGCONT');
}

/**
 * Does the work while every process of the namespace is stopped: what we look at, and then open, stays what it was. Otherwise a build could
 * put a link in its place at the right moment, and have us, who may do more than it may, read or write elsewhere.
 */
export async function whileStill<T>(init: number, work: () => Promise<T>): Promise<T> {
  const [guides, inside] = [new Set<number>(), new Set<number>()];
  standing.add(init);
  try {
    await stopAll(init, (group) => group.guides, guides);
    await stopAll(init, (group) => group.inside, inside);
    return await work();
  } finally {
    standing.delete(init);
    for (const pid of inside) signalPid(pid, 'SIGCONT');
    goOn(init, guides);
    for (const ms of LATE_MS) setTimeout(() => goOn(init, new Set()), ms).unref();
  }
}
