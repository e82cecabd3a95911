import type { Git } from '../../ports/git.ts';
import { FLUSH, pktLine, readPackets } from './pkt-line.ts';
import { Refusal } from './refusal.ts';

type Listed = Pick<Git, 'refs' | 'head' | 'peel'>;

/** What an `ls-refs` command asks for (https://git-scm.com/docs/protocol-v2#_ls_refs). */
interface LsRefs {
  readonly peel: boolean;
  readonly symrefs: boolean;
  readonly unborn: boolean;
  readonly prefixes: readonly string[];
}

function parseLsRefs(message: Buffer): LsRefs {
  const packets = readPackets(message);
  if (!packets || packets.at(-1)?.kind !== 'flush') throw new Refusal(400, 'The request is incomplete.');
  const delimiter = packets.findIndex(({ kind }) => kind === 'delimiter');
  const args = delimiter < 0 ? [] : packets.slice(delimiter + 1).flatMap((packet) => (packet.kind === 'line' ? [packet.text] : []));
  const prefixes = args.filter((arg) => arg.startsWith('ref-prefix ')).map((arg) => arg.slice('ref-prefix '.length));
  return { peel: args.includes('peel'), symrefs: args.includes('symrefs'), unborn: args.includes('unborn'), prefixes };
}

/** Answers `ls-refs` of protocol version 2 without a process: what most fetches, all polls and `git ls-remote` begin with. */
export async function lsRefs(git: Listed, repository: string, message: Buffer): Promise<string> {
  const { peel, symrefs, unborn, prefixes } = parseLsRefs(message);
  const shown = (ref: string) => prefixes.length === 0 || prefixes.some((prefix) => ref.startsWith(prefix));
  const [refs, head] = await Promise.all([git.refs(repository), git.head(repository)]);
  const lines: string[] = [];
  const at = refs.get(head);
  if (shown('HEAD') && (at !== undefined || unborn)) lines.push(`${at ?? 'unborn'} HEAD${symrefs ? ` symref-target:${head}` : ''}\n`);
  const wanted = [...refs].filter(([ref]) => shown(ref));
  const peelTag = async (ref: string, id: string) => (peel && ref.startsWith('refs/tags/') ? git.peel(repository, id) : undefined);
  const peeled = await Promise.all(wanted.map(([ref, id]) => peelTag(ref, id)));
  wanted.forEach(([ref, id], index) => {
    const target = peeled[index];
    lines.push(`${id} ${ref}${target !== undefined && target !== id ? ` peeled:${target}` : ''}\n`);
  });
  return lines.map(pktLine).join('') + FLUSH;
}

/** How receive-pack lists references: capabilities behind the first line, or behind an empty one (gitprotocol-pack). */
export function receiveListing(refs: ReadonlyMap<string, string>, capabilities: string): string {
  const lines = [...refs].map(([ref, id]) => `${id} ${ref}`);
  if (lines.length === 0) lines.push(`${'0'.repeat(40)} capabilities^{}`);
  lines[0] += `\0${capabilities}`;
  return lines.map((line) => pktLine(`${line}\n`)).join('') + FLUSH;
}

/** The capabilities in receive-pack's own listing. */
export function capabilitiesOf(listing: Buffer): string | undefined {
  const first = readPackets(listing)?.[0];
  return first?.kind === 'line' ? first.text.split('\0')[1] : undefined;
}
