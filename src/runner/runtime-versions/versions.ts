/** `v22.3.1`, `corretto17`, `1.8.0_292` (which is 8) as numbers: `[22, 3, 1]`, `[17]`, `[8, 0, 292]`. Undefined where there are none. */
export function numbersOf(text: string): readonly number[] | undefined {
  const digits = /\d+(?:[._]\d+)*/.exec(text)?.[0];
  if (digits === undefined) return undefined;
  return digits.split(/[._]/).map(Number);
}

/** Java counted 1.5 to 1.8 before it dropped the one. */
function javaNumbers(text: string): readonly number[] | undefined {
  const numbers = numbersOf(text);
  return numbers?.[0] === 1 && numbers.length > 1 ? numbers.slice(1) : numbers;
}

export type Numbering = (text: string) => readonly number[] | undefined;

export const numberingOf = (runtime: string): Numbering => (runtime === 'java' ? javaNumbers : numbersOf);

/** Whether a version is what `latest`, `22`, `22.x`, `3.12` or `corretto17` asks for. */
export function fits(found: string, wanted: string, numbering: Numbering): boolean {
  const numbers = numbering(found);
  if (!numbers) return false;
  if (wanted === 'latest') return true;
  const asked = numbering(wanted.replace(/\.[x*](\.[x*])*$/, ''));
  return asked?.every((number, i) => numbers[i] === number) ?? false;
}

/** For sorting, the newest first; what is no version comes last. */
export function newestFirst(numbering: Numbering): (a: string, b: string) => number {
  return (a, b) => {
    const [left = [], right = []] = [numbering(a), numbering(b)];
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      const difference = (right[i] ?? -1) - (left[i] ?? -1);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}
