import type { Workspace } from '../../runtimes/runtime.ts';
import type { ArtifactSpec, Buildspec } from '../../services/codebuild/rules/buildspec/types.ts';
import type { BuildJob, BuiltArtifact } from '../../services/pipewright/api.gen.ts';
import { uploadArtifacts } from '../artifacts/upload.ts';
import { uploadReports, type WantedReport } from '../reports/upload.ts';
import type { Commands } from './commands.ts';
import type { PhaseFailure } from './failure.ts';
import type { BuildTools } from './tools.ts';

/** A build whose commands have ended. */
export interface Finished {
  readonly job: BuildJob;
  readonly spec: Buildspec;
  readonly workspace: Workspace;
  /** The shell knows the values of variables in names and paths. */
  readonly commands: Commands;
  readonly revision: string | undefined;
}

async function expanded(spec: ArtifactSpec, commands: Commands): Promise<ArtifactSpec> {
  const { files, excludePaths, name, baseDirectory, s3Prefix } = spec;
  const fixed = [name ?? '', baseDirectory ?? '', s3Prefix ?? ''];
  const texts = await commands.expand([...fixed, ...files, ...excludePaths]);
  const [newName = '', newBase = '', newPrefix = ''] = texts;
  return {
    ...spec,
    ...(name !== undefined && { name: newName }),
    ...(baseDirectory !== undefined && { baseDirectory: newBase }),
    ...(s3Prefix !== undefined && { s3Prefix: newPrefix }),
    files: texts.slice(3, 3 + files.length),
    excludePaths: texts.slice(3 + files.length),
  };
}

/** Sends the reports; the failure that their phase ends with, where something was wrong with one. */
export async function deliverReports({ spec, workspace, commands }: Finished, tools: BuildTools): Promise<PhaseFailure | undefined> {
  const { s3, log, signal, reports: calls } = tools;
  const { source: sourceDir, scratch } = workspace;
  const wanted: WantedReport[] = [];
  for (const [group, { files, baseDirectory, discardPaths, fileFormat }] of Object.entries(spec.reports)) {
    const base = baseDirectory === undefined ? {} : { baseDirectory };
    const locations = await expanded({ files, ...base, discardPaths, excludePaths: [], enableSymlinks: false }, commands);
    wanted.push({ group, locations, fileFormat });
  }
  return uploadReports(wanted, { calls, s3, scratch, ground: { sourceDir, workspace }, signal, tell: (line) => log.agent(line) });
}

/** Stores the artifacts where the job says. */
export async function deliverArtifacts(
  { job, spec: { artifacts, secondaryArtifacts }, workspace, commands, revision }: Finished,
  { s3, log, signal }: BuildTools,
): Promise<readonly BuiltArtifact[]> {
  const { source: sourceDir, scratch } = workspace;
  const targets = { primary: job.artifacts, secondary: job.secondaryArtifacts };
  if (targets.primary.length + targets.secondary.length === 0) return [];
  const primary = artifacts && (await expanded(artifacts, commands));
  const secondary: Record<string, ArtifactSpec> = {};
  for (const [identifier, spec] of Object.entries(secondaryArtifacts)) secondary[identifier] = await expanded(spec, commands);
  const tell = (line: string): void => log.agent(line);
  const tools = { s3, scratch, ground: { sourceDir, workspace }, signal, revision, buildArn: job.buildArn, tell };
  return uploadArtifacts(targets, { primary, secondary }, tools);
}
