import type { Step } from '../steps/types.ts';

/** What is wrong with a file, and where: 1-based line and columns, `endColumn` exclusive. */
export interface Finding {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  /** What to write instead. */
  readonly hint?: string;
}

export const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;
export type PhaseName = (typeof PHASES)[number];

export type OnFailure =
  | { readonly kind: 'ABORT' }
  | { readonly kind: 'CONTINUE' }
  | { readonly kind: 'RETRY'; readonly count: number; readonly pattern: string; readonly flags?: string };

export interface Phase {
  readonly name: PhaseName;
  readonly runAs?: string;
  readonly onFailure?: OnFailure;
  readonly runtimeVersions: Readonly<Record<string, string>>;
  readonly commands: readonly string[];
  readonly finally: readonly string[];
  /** GitHub Actions syntax, in place of the commands. */
  readonly steps?: readonly Step[];
}

export interface BuildspecEnv {
  readonly shell?: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly parameterStore: Readonly<Record<string, string>>;
  readonly secretsManager: Readonly<Record<string, string>>;
  readonly exportedVariables: readonly string[];
  readonly gitCredentialHelper: boolean;
}

export interface ArtifactSpec {
  readonly files: readonly string[];
  readonly name?: string;
  readonly discardPaths: boolean;
  readonly baseDirectory?: string;
  readonly excludePaths: readonly string[];
  readonly enableSymlinks: boolean;
  readonly s3Prefix?: string;
}

export interface ReportSpec {
  readonly files: readonly string[];
  readonly baseDirectory?: string;
  readonly discardPaths: boolean;
  readonly fileFormat?: string;
}

export interface CacheSpec {
  readonly paths: readonly string[];
  readonly key?: string;
  readonly fallbackKeys: readonly string[];
  readonly action?: string;
}

/** A YAML value whose scalars are all text. */
export type TextTree = string | null | readonly TextTree[] | { readonly [key: string]: TextTree };

export interface Buildspec {
  readonly version: '0.1' | '0.2';
  readonly runAs?: string;
  readonly env: BuildspecEnv;
  readonly proxy: { readonly uploadArtifacts: boolean; readonly logs: boolean };
  /** Those the file has, in the order CodeBuild runs them, whatever the order in the file. */
  readonly phases: readonly Phase[];
  readonly artifacts?: ArtifactSpec;
  readonly secondaryArtifacts: Readonly<Record<string, ArtifactSpec>>;
  readonly reports: Readonly<Record<string, ReportSpec>>;
  readonly cache?: CacheSpec;
  readonly batch?: TextTree;
}

export type ParsedBuildspec =
  | { readonly ok: Buildspec; readonly warnings: readonly Finding[] }
  | { readonly errors: readonly Finding[]; readonly warnings: readonly Finding[] };
