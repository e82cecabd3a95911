import { execFileSync } from 'node:child_process';
import { cpSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Build, CreateProjectCommandInput, ProjectArtifacts } from '@aws-sdk/client-codebuild';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { outputOf, type BuildServer } from './builds.ts';

/** `build.json` of a behaviour: what the project and the start call say, beside `buildspec.yml` and the files in `source`. */
interface Given {
  /** Of the start call. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly projectVariables?: Readonly<Record<string, string>>;
  /** The project's buildspec, in place of buildspec.yml. */
  readonly buildspec?: string;
  /** The packaging of the primary artifact; none is wanted where it is absent. */
  readonly artifacts?: 'ZIP' | 'NONE';
  readonly overrideArtifactName?: boolean;
  readonly secondary?: readonly string[];
  /** Of files of the source. */
  readonly modes?: Readonly<Record<string, string>>;
  /** The build is of a certain version of its source. */
  readonly sourceVersion?: boolean;
}

/** `expected.json`: all that a behaviour promises. */
export interface Behaviour {
  readonly status: string;
  /** Each phase that ended, with its status; its context where it has one. */
  readonly phases: Readonly<Record<string, string>>;
  readonly output: string;
  readonly exported?: Readonly<Record<string, string>>;
  /** The files of each artifact, by the artifact's name; a zip's are those inside. */
  readonly artifacts?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const BUCKET = 'behaviours';

const pairs = (variables: Readonly<Record<string, string>> = {}) => Object.entries(variables).map(([name, value]) => ({ name, value }));

function givenOf(folder: string): Given {
  const path = join(folder, 'build.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Given) : {};
}

/** The source as a zip, made by the system's own program, with modes. */
function zipOf(folder: string, { modes = {} }: Given): Buffer {
  const work = mkdtempSync(join(tmpdir(), 'behaviour-'));
  try {
    if (existsSync(join(folder, 'source'))) cpSync(join(folder, 'source'), join(work, 'in'), { recursive: true });
    else cpSync(join(folder, 'buildspec.yml'), join(work, 'in', 'buildspec.yml'));
    if (existsSync(join(folder, 'buildspec.yml'))) cpSync(join(folder, 'buildspec.yml'), join(work, 'in', 'buildspec.yml'));
    for (const [path, mode] of Object.entries(modes)) chmodSync(join(work, 'in', path), Number.parseInt(mode, 8));
    execFileSync('zip', ['-qry', join(work, 'source.zip'), '.'], { cwd: join(work, 'in') });
    return readFileSync(join(work, 'source.zip'));
  } finally {
    rmSync(work, { recursive: true });
  }
}

function unzipped(bytes: Uint8Array): Record<string, string> {
  const work = mkdtempSync(join(tmpdir(), 'behaviour-'));
  try {
    const path = join(work, 'a.zip');
    writeFileSync(path, bytes);
    const names = execFileSync('unzip', ['-Z1', path], { encoding: 'utf8' })
      .split('\n')
      .filter((name) => name !== '' && !name.endsWith('/'));
    return Object.fromEntries(names.map((name) => [name, execFileSync('unzip', ['-p', path, name], { encoding: 'utf8' })]));
  } finally {
    rmSync(work, { recursive: true });
  }
}

async function artifactsOf(world: BuildServer, prefix: string): Promise<Record<string, Record<string, string>>> {
  const found: Record<string, Record<string, string>> = {};
  const { Contents = [] } = await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${prefix}/` }));
  for (const { Key = '' } of Contents) {
    const { Body } = await world.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const bytes = await Body!.transformToByteArray();
    const [artifact = '', ...path] = Key.slice(prefix.length + 1).split('/');
    if (path.length === 0) found[artifact] = unzipped(bytes);
    else found[artifact] = { ...found[artifact], [path.join('/')]: Buffer.from(bytes).toString() };
  }
  return found;
}

function projectOf(name: string, prefix: string, given: Given): Partial<CreateProjectCommandInput> {
  const artifact = (more: Partial<ProjectArtifacts>): ProjectArtifacts => ({
    type: 'S3',
    location: BUCKET,
    path: prefix,
    packaging: 'ZIP',
    ...more,
  });
  const { artifacts: packaging, overrideArtifactName, secondary = [] } = given;
  return {
    source: { type: 'S3', location: `${BUCKET}/sources/${name}.zip`, ...(given.buildspec !== undefined && { buildspec: given.buildspec }) },
    artifacts: packaging
      ? artifact({ packaging, name: 'primary', ...(overrideArtifactName && { overrideArtifactName }) })
      : { type: 'NO_ARTIFACTS' },
    secondaryArtifacts: secondary.map((artifactIdentifier) => artifact({ artifactIdentifier, name: artifactIdentifier })),
  };
}

/** What a build's own folders and ids are called is no part of a behaviour. */
function neutral(text: string, build: Build, folders: RegExp): string {
  return text.replaceAll(folders, 'WORKSPACE').replaceAll(build.id!.split(':')[1]!, 'BUILD');
}

function phasesOf(build: Build, folders: RegExp): Record<string, string> {
  const ended = build.phases!.filter(
    ({ phaseStatus, phaseType }) => phaseStatus !== undefined && phaseType !== 'SUBMITTED' && phaseType !== 'QUEUED',
  );
  const told = ended.map(({ phaseType, phaseStatus, contexts }) => {
    const { statusCode = '', message = '' } = contexts?.[0] ?? {};
    return [phaseType!, message === '' ? phaseStatus! : neutral(`${phaseStatus}: ${statusCode}: ${message}`, build, folders)];
  });
  return Object.fromEntries(told) as Record<string, string>;
}

/** Runs the build that a folder describes, and tells what became of it. */
export async function behave(
  world: BuildServer,
  folder: string,
  name: string,
  { environment, folders }: { readonly environment: NonNullable<CreateProjectCommandInput['environment']>; readonly folders: RegExp },
): Promise<Behaviour> {
  const given = givenOf(folder);
  const { VersionId } = await world.s3.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: `sources/${name}.zip`, Body: zipOf(folder, given) }),
  );
  const project = await world.project(undefined, {
    ...projectOf(name, `out/${name}`, given),
    environment: { ...environment, environmentVariables: pairs(given.projectVariables) },
  });
  const { id } = await world.begin(project, {
    environmentVariablesOverride: pairs(given.variables),
    ...(given.sourceVersion && { sourceVersion: VersionId }),
  });
  const build = await world.ended(id!);
  const exported = Object.fromEntries(build.exportedEnvironmentVariables!.map((one) => [one.name!, one.value!]));
  const artifacts = await artifactsOf(world, `out/${name}`);
  return {
    status: build.buildStatus!,
    phases: phasesOf(build, folders),
    output: neutral(outputOf(await world.log(build)), build, folders),
    ...(Object.keys(exported).length > 0 && { exported }),
    ...(Object.keys(artifacts).length > 0 && { artifacts }),
  };
}
