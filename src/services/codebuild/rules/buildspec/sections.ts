import { findFormat, FORMAT_NAMES } from '../reports/formats.ts';
import { mapping, scalar, textMap, texts, yesNo } from './fields.ts';
import type { Entry, Tree } from './tree.ts';
import type { ArtifactSpec, Buildspec, BuildspecEnv, CacheSpec, ReportSpec } from './types.ts';

type Fields = ReadonlyMap<string, Entry>;

/** `env`; version 0.1 wrote `environment_variables: {plaintext: …}`. */
export function parseEnv(tree: Tree, root: Fields, version: Buildspec['version']): BuildspecEnv {
  const env = mapping(tree, root.get('env')?.value, 'env');
  const old = root.get('environment_variables');
  const shell = scalar(tree, env.get('shell'), 'shell');
  if (old && version === '0.2') tree.warn(old.keyNode, 'environment_variables belongs to version 0.1 and is ignored; write env.variables.');
  const plaintext = old && version === '0.1' ? mapping(tree, old.value, 'environment_variables').get('plaintext') : undefined;
  return {
    ...(shell === undefined ? {} : { shell }),
    variables: { ...textMap(tree, plaintext, 'plaintext'), ...textMap(tree, env.get('variables'), 'variables') },
    parameterStore: textMap(tree, env.get('parameter-store'), 'parameter-store'),
    secretsManager: textMap(tree, env.get('secrets-manager'), 'secrets-manager'),
    exportedVariables: texts(tree, env.get('exported-variables'), 'exported-variables'),
    gitCredentialHelper: yesNo(tree, env.get('git-credential-helper'), 'git-credential-helper'),
  };
}

function artifact(tree: Tree, fields: Fields): ArtifactSpec {
  const name = scalar(tree, fields.get('name'), 'name');
  const baseDirectory = scalar(tree, fields.get('base-directory'), 'base-directory');
  const s3Prefix = scalar(tree, fields.get('s3-prefix'), 's3-prefix');
  return {
    files: texts(tree, fields.get('files'), 'files'),
    ...(name === undefined ? {} : { name }),
    discardPaths: yesNo(tree, fields.get('discard-paths'), 'discard-paths'),
    ...(baseDirectory === undefined ? {} : { baseDirectory }),
    excludePaths: texts(tree, fields.get('exclude-paths'), 'exclude-paths'),
    enableSymlinks: yesNo(tree, fields.get('enable-symlinks'), 'enable-symlinks'),
    ...(s3Prefix === undefined ? {} : { s3Prefix }),
  };
}

export function parseArtifacts(tree: Tree, entry: Entry | undefined): Pick<Buildspec, 'artifacts' | 'secondaryArtifacts'> {
  if (!entry || tree.isNull(entry.value)) return { secondaryArtifacts: {} };
  const fields = mapping(tree, entry.value, 'artifacts');
  const secondary = mapping(tree, fields.get('secondary-artifacts')?.value, 'secondary-artifacts');
  const own = artifact(tree, fields);
  const secondaryArtifacts = Object.fromEntries(
    [...secondary.values()].map(({ key, value }) => [key, artifact(tree, mapping(tree, value, `secondary-artifacts.${key}`))]),
  );
  return { ...(fields.has('files') || secondary.size === 0 ? { artifacts: own } : {}), secondaryArtifacts };
}

export function parseReports(tree: Tree, entry: Entry | undefined): Readonly<Record<string, ReportSpec>> {
  const groups = mapping(tree, entry?.value, 'reports');
  return Object.fromEntries(
    [...groups.values()].map(({ key, value }) => {
      const fields = mapping(tree, value, `reports.${key}`);
      const baseDirectory = scalar(tree, fields.get('base-directory'), 'base-directory');
      const fileFormat = scalar(tree, fields.get('file-format'), 'file-format');
      if (fileFormat !== undefined && !findFormat(fileFormat))
        tree.warn(fields.get('file-format')?.value, `${fileFormat} is no format of reports; there are ${FORMAT_NAMES.join(', ')}.`);
      const report: ReportSpec = {
        files: texts(tree, fields.get('files'), 'files'),
        ...(baseDirectory === undefined ? {} : { baseDirectory }),
        discardPaths: yesNo(tree, fields.get('discard-paths'), 'discard-paths'),
        ...(fileFormat === undefined ? {} : { fileFormat }),
      };
      return [key, report];
    }),
  );
}

export function parseCache(tree: Tree, entry: Entry | undefined): CacheSpec | undefined {
  if (!entry || tree.isNull(entry.value)) return undefined;
  const fields = mapping(tree, entry.value, 'cache');
  const key = scalar(tree, fields.get('key'), 'key');
  const action = scalar(tree, fields.get('action'), 'action');
  return {
    paths: texts(tree, fields.get('paths'), 'paths'),
    ...(key === undefined ? {} : { key }),
    fallbackKeys: texts(tree, fields.get('fallback-keys'), 'fallback-keys'),
    ...(action === undefined ? {} : { action }),
  };
}

export function parseProxy(tree: Tree, entry: Entry | undefined): Buildspec['proxy'] {
  const fields = mapping(tree, entry?.value, 'proxy');
  return {
    uploadArtifacts: yesNo(tree, fields.get('upload-artifacts'), 'upload-artifacts'),
    logs: yesNo(tree, fields.get('logs'), 'logs'),
  };
}
