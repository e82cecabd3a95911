import { mapping, scalar } from './fields.ts';
import { parsePhases } from './phases.ts';
import { parseArtifacts, parseCache, parseEnv, parseProxy, parseReports } from './sections.ts';
import { Tree, type Entry } from './tree.ts';
import type { Buildspec, ParsedBuildspec } from './types.ts';

const SECTIONS = ['version', 'run-as', 'env', 'proxy', 'batch', 'phases', 'reports', 'artifacts', 'cache', 'environment_variables'];

function parseVersion(tree: Tree, entry: Entry | undefined): Buildspec['version'] | undefined {
  const text = scalar(tree, entry, 'version')?.trim();
  if (text === '0.1' || text === '0.2') return text;
  const hint = 'Buildspecs start with "version: 0.2".';
  if (text === undefined) tree.fail(entry?.keyNode ?? tree.root, 'version is a required key of a buildspec', hint);
  else tree.fail(entry?.value, `Unsupported buildspec version: ${text}`, hint);
  return undefined;
}

function parseRoot(tree: Tree): Buildspec | undefined {
  if (tree.isNull(tree.root)) tree.fail(tree.root, 'The buildspec is empty', 'Buildspecs start with "version: 0.2".');
  const root = mapping(tree, tree.root, 'the buildspec');
  if (tree.errors.length > 0) return undefined;
  const version = parseVersion(tree, root.get('version'));
  if (!version) return undefined;
  for (const { key, keyNode } of root.values())
    if (!SECTIONS.includes(key)) tree.warn(keyNode, `${key} is no section of a buildspec and is ignored.`);
  const runAs = scalar(tree, root.get('run-as'), 'run-as');
  const cache = parseCache(tree, root.get('cache'));
  const batch = root.get('batch');
  return {
    version,
    ...(runAs === undefined ? {} : { runAs }),
    env: parseEnv(tree, root, version),
    proxy: parseProxy(tree, root.get('proxy')),
    phases: parsePhases(tree, root.get('phases')),
    ...parseArtifacts(tree, root.get('artifacts')),
    reports: parseReports(tree, root.get('reports')),
    ...(cache ? { cache } : {}),
    ...(batch ? { batch: tree.tree(batch.value) } : {}),
  };
}

/**
 * Reads a buildspec as CodeBuild does: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html.
 * Every scalar is text; positions are kept for messages. Never throws.
 */
export function parseBuildspec(text: string): ParsedBuildspec {
  try {
    const tree = new Tree(text);
    const parsed = tree.errors.length === 0 ? parseRoot(tree) : undefined;
    if (parsed && tree.errors.length === 0) return { ok: parsed, warnings: tree.warnings };
    return { errors: tree.errors, warnings: tree.warnings };
  } catch (error) {
    // Nesting or aliases beyond all sense exhaust the stack or the node budget; anything else is our bug.
    if (!(error instanceof RangeError)) throw error;
    return { errors: [{ message: 'The buildspec is nested too deeply', line: 1, column: 1, endColumn: 2 }], warnings: [] };
  }
}
