/** Lines of git's protocol, each with its length in front (https://git-scm.com/docs/protocol-common). */
export const FLUSH = '0000';
export const DELIMITER = '0001';

const HEADER = 4;
const LONGEST = 65_520;

export function pktLine(text: string): string {
  return (Buffer.byteLength(text) + HEADER).toString(16).padStart(HEADER, '0') + text;
}

export type Packet = { readonly kind: 'flush' | 'delimiter' } | { readonly kind: 'line'; readonly text: string };

/** One packet from `at` on and where the next one begins: 'more' where the bytes end first, 'invalid' where there is no packet. */
export function readPacket(bytes: Buffer, at: number): { readonly packet: Packet; readonly next: number } | 'more' | 'invalid' {
  if (bytes.length < at + HEADER) return 'more';
  const digits = bytes.toString('latin1', at, at + HEADER);
  if (digits === FLUSH) return { packet: { kind: 'flush' }, next: at + HEADER };
  if (digits === DELIMITER) return { packet: { kind: 'delimiter' }, next: at + HEADER };
  const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : 0;
  if (length < HEADER || length > LONGEST) return 'invalid';
  if (bytes.length < at + length) return 'more';
  const text = bytes.toString('utf8', at + HEADER, at + length).replace(/\n$/, '');
  return { packet: { kind: 'line', text }, next: at + length };
}

/** All packets of a whole message; undefined where it is none. */
export function readPackets(bytes: Buffer): readonly Packet[] | undefined {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length;) {
    const found = readPacket(bytes, at);
    if (typeof found === 'string') return undefined;
    packets.push(found.packet);
    at = found.next;
  }
  return packets;
}
