import { dirname } from 'node:path';
import { quote } from '../../kernel/shell-quote.ts';
import type { Commands } from '../build/commands.ts';
import { PhaseFailure } from '../build/failure.ts';
import type { BuildLog } from '../output/build-log.ts';
import { IMAGE_RUNTIMES, parseImageRuntimes, type ImageRuntimes } from './image-runtimes.ts';
import { KNOWN, probe, type KnownRuntime } from './known.ts';
import { fits, newestFirst, numberingOf } from './versions.ts';

export interface SelectTools {
  readonly commands: Commands;
  readonly log: BuildLog;
  /** What cannot be had fails the build; otherwise the build goes on with what is there, and the log says so. */
  readonly strict: boolean;
}

interface Wanted {
  readonly runtime: string;
  readonly version: string;
}

/** The versions that were found where the wanted one was not. */
interface Missing {
  readonly found: readonly string[];
}

/** An executable of the user's: `HOOK RUNTIME VERSION` prints the folder of the programs, or nothing where they are on the PATH by then. */
const HOOK = 'PIPEWRIGHT_RUNTIME_HOOK';

/** What a folder of programs is named for: 3.12.1 of /root/.pyenv/versions/3.12.1/bin. */
const versionOf = (folder: string): string => folder.replace(/(\/x64|\/installation)?\/bin$/, '').replace(/^.*\//, '');

async function enter(folder: string, known: KnownRuntime | undefined, commands: Commands): Promise<void> {
  const home = known?.home === undefined ? [] : [`export ${known.home}=${quote(dirname(folder))}`];
  await commands.inShell([`export PATH=${quote(folder)}:"$PATH"`, ...home].join('\n'));
}

/** By the image's own commands. */
async function ofImage({ runtime, version }: Wanted, image: ImageRuntimes, { commands, log }: SelectTools): Promise<Missing | undefined> {
  const versions = image[runtime] ?? {};
  const numbering = numberingOf(runtime);
  const names = Object.keys(versions).toSorted(newestFirst(numbering));
  const chosen = names.find((name) => name === version) ?? names.find((name) => fits(name, version, numbering));
  if (chosen === undefined) return { found: names };
  log.agent(`Selecting '${runtime}' runtime version '${chosen}' based on manual selections...`);
  await commands.run({ commands: versions[chosen]!, finally: [] });
  return undefined;
}

/** By the user's own executable; false where there is none, or it has no such version. */
async function byHook({ runtime, version }: Wanted, { commands, log }: SelectTools): Promise<boolean> {
  const call = `[ -n "\${${HOOK}-}" ] && "$${HOOK}" ${quote(runtime)} ${quote(version)}`;
  const { status, text } = await commands.capture(call);
  if (status !== 0) return false;
  const folder = text.trimEnd().split('\n').at(-1) ?? '';
  if (folder !== '') await enter(folder, KNOWN[runtime], commands);
  log.agent(`Selecting '${runtime}' runtime version '${version}' by ${HOOK}${folder === '' ? '' : `: ${folder}`}`);
  return true;
}

/** What is on the PATH, or else what a version manager has installed. */
async function whatIsThere({ runtime, version }: Wanted, { commands, log }: SelectTools): Promise<Missing | undefined> {
  const known = KNOWN[runtime];
  if (!known) return { found: [] };
  const numbering = numberingOf(runtime);
  const lines = (await commands.capture(probe(known))).text.split('\n').map((line) => line.split('\t'));
  const called = lines.flatMap(([kind, told = '']) => (kind === 'path' && numbering(told) ? [numbering(told)!.join('.')] : []));
  const folders = lines.flatMap(([kind, folder = '']) => (kind === 'folder' ? [folder] : []));
  const onPath = called.toSorted(newestFirst(numbering)).find((found) => fits(found, version, numbering));
  if (onPath !== undefined) {
    log.agent(`Selecting '${runtime}' runtime version '${version}': ${onPath} is on the PATH`);
    return undefined;
  }
  const ordered = folders.toSorted((a, b) => newestFirst(numbering)(versionOf(a), versionOf(b)));
  const folder = ordered.find((candidate) => fits(versionOf(candidate), version, numbering));
  if (folder === undefined) return { found: [...new Set([...called, ...ordered.map(versionOf)])] };
  await enter(folder, known, commands);
  log.agent(`Selecting '${runtime}' runtime version '${version}': ${folder}`);
  return undefined;
}

function missed({ runtime, version }: Wanted, { found }: Missing, { log, strict }: SelectTools): void {
  const has = found.length === 0 ? `no ${runtime}` : `the following versions: ${found.join(', ')}`;
  // CodeBuild's own words for an image.
  const message = `Unknown runtime version named '${version}' of ${runtime}. This build image has ${has}`;
  if (strict) throw new PhaseFailure('YAML_FILE_ERROR', message);
  log.agent(`runtime-versions asks for ${runtime} ${version}. This machine has ${has}. The build goes on with what is there.`);
}

/** Puts the versions that `runtime-versions` asks for in front, each as it can be had. */
export async function selectRuntimes(versions: Readonly<Record<string, string>>, tools: SelectTools): Promise<void> {
  const wanted = Object.entries(versions).map(([runtime, version]) => ({ runtime: runtime.trim(), version: version.trim() }));
  const { status, text } = await tools.commands.capture(`cat ${IMAGE_RUNTIMES}`);
  const image = status === 0 ? parseImageRuntimes(text) : undefined;
  for (const one of wanted) {
    if (await byHook(one, tools)) continue;
    const missing = image?.[one.runtime] ? await ofImage(one, image, tools) : await whatIsThere(one, tools);
    if (missing) missed(one, missing, tools);
  }
}
