import { cycles, importsOf, sourceFiles, type Import } from './graph.ts';
import type { LayerRule } from './rules.ts';

/** A pattern with at most one star against a path: the segment that `*` matched, or undefined where it does not match. */
function match(pattern: string, path: string): { readonly star: string | undefined } | undefined {
  if (!pattern.includes('*')) return path.startsWith(pattern) ? { star: undefined } : undefined;
  const [head = '', tail = ''] = pattern.split('*');
  if (!path.startsWith(head)) return undefined;
  const rest = path.slice(head.length);
  const slash = rest.indexOf('/');
  if (slash <= 0 || !rest.slice(slash).startsWith(tail)) return undefined;
  return { star: rest.slice(0, slash) };
}

function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || file.includes('/testing/');
}

/** What is wrong with one import, or undefined. */
export function offence(rules: readonly LayerRule[], { from, to, line }: Import): string | undefined {
  // Tests may use any room to set their scene; only what ships has layers.
  if (isTest(from)) return undefined;
  if (isTest(to)) return `${from}:${line} imports the test file ${to}`;
  for (const { room, allowed } of rules) {
    const matched = match(room, from);
    if (!matched) continue;
    const may = allowed.some((pattern) => match(pattern.replace('@', matched.star ?? '@'), to) !== undefined);
    return may ? undefined : `${from}:${line} may not import ${to}`;
  }
  return `${from} stands in no room of tools/layers/rules.ts`;
}

/** All offences of a tree: forbidden imports and import cycles (types included). */
export function checkLayers(root: string, rules: readonly LayerRule[]): readonly string[] {
  const imports = sourceFiles(root).flatMap((file) => importsOf(root, file));
  const offences = imports.flatMap((edge) => offence(rules, edge) ?? []);
  const knots = cycles(imports.filter((edge) => !isTest(edge.from))).map((files) => `import cycle: ${files.toSorted().join(' -> ')}`);
  return [...offences, ...knots];
}
