type Members = Readonly<Record<string, unknown>>;

/** The member of an object that a name of a pattern leads to, or undefined. */
export type Step = (object: Members) => unknown;

const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Whether every object has such a member, own or not. */
export const isInherited = (name: string): boolean => INHERITED.has(name);

/** Names that every object inherits are looked at with care; the rest plainly, which is fast. */
export function leafStep(name: string): Step {
  return INHERITED.has(name) ? (object) => (Object.hasOwn(object, name) ? object[name] : undefined) : (object) => object[name];
}

/** The members whose names begin with `name` and a dot, under what follows it: EventBridge takes `a.b` for `{a: {b}}`. */
export function dotted(object: Members, name: string): Members | undefined {
  let found: Record<string, unknown> | undefined;
  for (const key in object) {
    if (key.length <= name.length || key.charCodeAt(name.length) !== 46 || !key.startsWith(name)) continue;
    found ??= {};
    Object.defineProperty(found, key.slice(name.length + 1), { value: object[key], enumerable: true });
  }
  return found;
}

/** As `leafStep`, for a name that more names follow. */
export function objectStep(name: string): Step {
  const plain = leafStep(name);
  return (object) => {
    const value = plain(object);
    return value === undefined ? dotted(object, name) : value;
  };
}

export const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);
