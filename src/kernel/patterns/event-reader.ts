import { dotted, isMembers } from './step.ts';

type Members = Readonly<Record<string, unknown>>;

/** Whether some name among the members has a dot: only then can `a.b` stand for `{a: {b}}`. */
function hasDots(object: Members): boolean {
  for (const name in object) if (name.includes('.')) return true;
  return false;
}

/** Reads paths of one event after the other. */
export class EventReader {
  /** Members that are asked for in vain are mostly asked for in the same object: it is searched for dots once. */
  #undotted: Members | undefined;
  /** Whether every path of this event led straight through objects: then what was found at one path belongs to what is at another. */
  straight = true;

  /** Before another event. */
  reset(): void {
    this.#undotted = undefined;
    this.straight = true;
  }

  /**
   * The values at a path: one, or an array of them where there are arrays on the way or at its end. What it gives too much (members
   * that every object inherits) only makes rules be tried in vain.
   */
  valuesAt(object: unknown, path: readonly string[]): unknown {
    let value = object;
    const last = path.length - 1;
    for (let at = 0; at <= last; at++) {
      if (typeof value !== 'object' || value === null) return undefined;
      if (Array.isArray(value)) return this.#valuesOfEach(value, path.slice(at));
      const next = (value as Members)[path[at]!];
      value = next === undefined && at < last ? this.#dotted(value as Members, path[at]!) : next;
    }
    return value;
  }

  #valuesOfEach(items: readonly unknown[], path: readonly string[]): unknown {
    this.straight = false;
    return items.flat(Infinity).map((item) => (isMembers(item) ? this.valuesAt(item, path) : undefined));
  }

  #dotted(object: Members, name: string): Members | undefined {
    if (object === this.#undotted) return undefined;
    if (hasDots(object)) {
      this.straight = false;
      return dotted(object, name);
    }
    this.#undotted = object;
    return undefined;
  }
}
