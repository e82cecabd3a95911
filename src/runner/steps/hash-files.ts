import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { streamInside } from '../../kernel/open-inside.ts';
import { pattern } from '../artifacts/patterns.ts';

/**
 * SHA-256 over the SHA-256 of each file that matches, in the order of their paths; '' where none does. A pattern that begins with `!`
 * takes files out again. Links are not followed.
 */
export async function hashFiles(folder: string, patterns: readonly string[]): Promise<string> {
  const lines = patterns
    .flatMap((text) => text.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const relative = (line: string): string => (line.startsWith(`${folder}/`) ? line.slice(folder.length + 1) : line);
  const rules = lines.map((line) => ({
    takes: !line.startsWith('!'),
    pattern: pattern(relative(line.replace(/^!/, '').trim())),
  }));
  const whole = createHash('sha256');
  let found = false;
  for await (const path of filesBelow(folder)) {
    const last = rules.findLast((rule) => rule.pattern.matches(path));
    if (!last?.takes) continue;
    found = true;
    const one = createHash('sha256');
    await pipeline(streamInside(join(folder, path), folder), one);
    whole.update(one.digest());
  }
  return found ? whole.digest('hex') : '';
}

async function* filesBelow(folder: string, prefix = ''): AsyncGenerator<string> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = prefix + entry.name;
    if (entry.isDirectory()) yield* filesBelow(folder, `${path}/`);
    else if (entry.isFile()) yield path;
  }
}
