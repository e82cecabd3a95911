import { InvalidPattern } from './pattern.ts';

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function groupsValue(groups: readonly string[], radix: 10 | 16): bigint | undefined {
  const shape = radix === 10 ? /^(?:0|[1-9]\d{0,2})$/ : /^[0-9a-f]{1,4}$/i;
  let value = 0n;
  for (const group of groups) {
    const part = shape.test(group) ? parseInt(group, radix) : NaN;
    if (!(part <= (radix === 10 ? 255 : 0xffff))) return undefined;
    value = (value << (radix === 10 ? 8n : 16n)) | BigInt(part);
  }
  return value;
}

function parseV4(text: string): bigint | undefined {
  const groups = text.split('.');
  return groups.length === 4 ? groupsValue(groups, 10) : undefined;
}

/** `::ffff:10.0.0.1` ends in an IPv4 address; written as two groups of the IPv6 address it is part of. */
function withoutDots(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const at = text.lastIndexOf(':') + 1;
  const v4 = parseV4(text.slice(at));
  return v4 === undefined ? undefined : `${text.slice(0, at)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
}

function parseV6(text: string): bigint | undefined {
  const halves = withoutDots(text)?.split('::');
  if (!halves || halves.length > 2) return undefined;
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (tail === undefined) return head.length === 8 ? groupsValue(head, 16) : undefined;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? undefined : groupsValue([...head, ...Array<string>(missing).fill('0'), ...tail], 16);
}

function parseAddress(text: string): Address | undefined {
  const bits = text.includes(':') ? 128 : 32;
  const value = bits === 128 ? parseV6(text) : parseV4(text);
  return value === undefined ? undefined : { bits, value };
}

/** Whether an address (IPv4 or IPv6, as text) lies in a block such as `10.0.0.0/24`. Throws InvalidPattern for what is no block. */
export function cidrMatcher(block: string): (address: string) => boolean {
  const parts = block.split('/');
  if (parts.length !== 2) throw new InvalidPattern(`Malformed CIDR, one '/' required`);
  const base = parseAddress(parts[0]!);
  if (!/^\d{1,3}$/.test(parts[1]!)) throw new InvalidPattern('Malformed CIDR, mask bits must be an integer');
  if (!base) throw new InvalidPattern(`Nonstandard IP address: ${parts[0]!}`);
  const mask = Number(parts[1]);
  if (mask > base.bits) throw new InvalidPattern(`Mask bits must be between 0 and ${base.bits}`);
  const shift = BigInt(base.bits - mask);
  const network = base.value >> shift;
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && address.bits === base.bits && address.value >> shift === network;
  };
}
