/** Which characters one place of an expression takes, by code; all that are not ASCII share the last entry. */
export type CharacterSet = Uint8Array;

export const OTHERS = 128;

export function setOf(holds: (code: number) => boolean): CharacterSet {
  return Uint8Array.from({ length: OTHERS + 1 }, (_, code) => (holds(code) ? 1 : 0));
}

export const not = (set: CharacterSet): CharacterSet => set.map((held) => 1 - held);
export const union = (sets: readonly CharacterSet[]): CharacterSet => setOf((code) => sets.some((set) => set[code] === 1));
export const range = (from: number, to: number): CharacterSet => setOf((code) => code >= from && code <= to);
export const only = (character: string): CharacterSet => range(character.charCodeAt(0), character.charCodeAt(0));

const DIGIT = range(48, 57);
const WORD = union([DIGIT, range(65, 90), range(97, 122), only('_')]);
const SPACE = union([range(9, 13), only(' ')]);

export const ANY = not(only('\n'));

/** What stands after a backslash as a class of its own. */
export const CLASSES: Readonly<Record<string, CharacterSet>> = { d: DIGIT, D: not(DIGIT), w: WORD, W: not(WORD), s: SPACE, S: not(SPACE) };
