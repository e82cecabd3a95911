import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PipewrightError } from '../../kernel/errors.ts';
import { runGit, type GitProgram } from './environment.ts';

const SUFFIX = '.git';

/**
 * A push that was acknowledged is on disk (core.fsync). Packs are kept as they come, so that a push costs two fsyncs whatever
 * its number of objects; `maintain` gathers them. A push is checked in a quarantine that borrows from the repository itself, so
 * asking for the references of what it borrows from would only list them twice (a process less). One push brings at most 4 GiB.
 * The three leniencies are faults of old importers in well-known histories.
 */
const CONFIG = `
[core]
	fsync = committed,reference
	logAllRefUpdates = false
	alternateRefsCommand = true
[gc]
	auto = 0
[maintenance]
	auto = false
[receive]
	fsckObjects = true
	autogc = false
	unpackLimit = 1
	maxInputSize = 4g
[receive "fsck"]
	zeroPaddedFilemode = warn
	missingSpaceBeforeDate = warn
	badTimezone = warn
[transfer]
	hideRefs = refs/pipewright
	unpackLimit = 1
[fastimport]
	unpackLimit = 1
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
	allowReachableSHA1InWant = true
[pack]
	threads = 2
`;

/** What a repository's own .gitattributes say about archives must not take files out of a source artifact, nor change them. */
const ATTRIBUTES = '* -export-ignore -export-subst\n';

export function pathOf(folder: string, repository: string): string {
  if (!/^[A-Za-z0-9-]+$/.test(repository)) throw new PipewrightError('NoSuchRepository', `'${repository}' is no repository id`);
  return join(folder, repository + SUFFIX);
}

/** The folder of a repository that is there; rejects with code NoSuchRepository. */
export async function existing(folder: string, repository: string): Promise<string> {
  const path = pathOf(folder, repository);
  try {
    await access(join(path, 'HEAD'));
  } catch {
    throw noSuchRepository(repository);
  }
  return path;
}

export function noSuchRepository(repository: string): PipewrightError {
  return new PipewrightError('NoSuchRepository', `there is no repository ${repository}`);
}

/** Makes the names in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Made aside and renamed, so that a crash leaves a whole repository or none. */
export async function createRepository(program: GitProgram, repository: string, branch: string): Promise<void> {
  const path = pathOf(program.folder, repository);
  const aside = join(program.folder, `.new-${randomUUID()}`);
  try {
    await runGit(program, ['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`, '--', aside]);
    await mkdir(join(aside, 'info'), { recursive: true });
    await writeFile(join(aside, 'info', 'attributes'), ATTRIBUTES);
    await writeFile(join(aside, 'config'), (await readFile(join(aside, 'config'), 'utf8')) + CONFIG, { flush: true });
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (await readable(path))
      throw new PipewrightError('RepositoryExists', `there is a repository ${repository} already`, { cause: error });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function readable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Renamed first: what is half deleted is no repository. */
export async function deleteRepository(folder: string, repository: string): Promise<void> {
  const aside = join(folder, `.old-${randomUUID()}`);
  try {
    await rename(pathOf(folder, repository), aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await syncFolder(folder);
  await rm(aside, { recursive: true, force: true });
}

export async function listRepositories(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
}

/** Removes what a crash left half made or half deleted. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\.(new|old)-/.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
