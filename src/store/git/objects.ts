import type { GitCommit, GitPerson, GitTreeEntry } from '../../ports/git.ts';
import type { RawObject } from './object-reader.ts';

const PERSON = /^(.*?) ?<([^>]*)> (-?\d+) ([+-]\d{4})$/;

/** `Name <mail> 1700000000 +0200`; what old tools wrote otherwise keeps its text as the name. */
function parsePerson(text: string): GitPerson {
  const match = PERSON.exec(text);
  if (!match) return { name: text, email: '', seconds: 0, offset: '+0000' };
  return { name: match[1]!, email: match[2]!, seconds: Number(match[3]), offset: match[4]! };
}

/** A commit object: header lines, an empty line, the message. Folded headers (signatures) are passed over. */
export function parseCommit({ id, content }: RawObject): GitCommit {
  const text = (content ?? Buffer.alloc(0)).toString();
  const split = text.indexOf('\n\n');
  const headers = (split < 0 ? text : text.slice(0, split)).split('\n');
  const valueOf = (name: string) => headers.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? '';
  return {
    id,
    tree: valueOf('tree'),
    parents: headers.filter((line) => line.startsWith('parent ')).map((line) => line.slice('parent '.length)),
    author: parsePerson(valueOf('author')),
    committer: parsePerson(valueOf('committer')),
    message: split < 0 ? '' : text.slice(split + 2),
  };
}

/** A tree object: `mode SP name NUL id` again and again, ids as 20 bytes. */
export function parseTree({ content = Buffer.alloc(0) }: RawObject): GitTreeEntry[] {
  const entries: GitTreeEntry[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    const mode = content.toString('latin1', at, space).padStart(6, '0');
    entries.push({ mode, name: content.toString('utf8', space + 1, end), id: content.toString('hex', end + 1, end + 21) });
    at = end + 21;
  }
  return entries;
}
