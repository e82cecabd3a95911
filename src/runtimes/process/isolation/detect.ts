import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, PipewrightError } from '../../../kernel/errors.ts';
import { quote } from '../../../kernel/shell-quote.ts';
import { makeFolders } from '../../workspace.ts';
import { bubblewrap } from './bubblewrap.ts';
import { ENTERING_TOOLS } from './enter.ts';
import type { Method } from './method.ts';
import { Rooms, type Means } from './rooms.ts';
import { finderOf, type FindTool } from './tools.ts';
import { unshare } from './unshare.ts';
import { describeSystem, type System } from './view.ts';

const run = promisify(execFile);

/** In the order in which they are tried. */
const METHODS: readonly Method[] = [bubblewrap, unshare];

export interface Surroundings {
  /** Where the trial's workspace is made. */
  readonly folder: string;
  /** Folders that no build may see. */
  readonly own: readonly string[];
  /** Of the server's user. */
  readonly home: string;
  /** By which programs are found. */
  readonly path: string;
  readonly platform: NodeJS.Platform;
}

/** `missing`: why builds cannot be isolated here. */
export type Detected = { readonly rooms: Rooms; readonly method: string } | { readonly missing: string };

function toolsOf(method: Method, find: FindTool): Readonly<Record<string, string>> {
  const entries = [...method.needs, ...ENTERING_TOOLS].map((name) => [name, find(name)] as const);
  const absent = entries.filter(([, path]) => path === undefined).map(([name]) => name);
  if (absent.length > 0) throw new PipewrightError('SandboxFailed', `${method.name}: no ${absent.join(', no ')} in PATH`);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** What a build must find: its own folder to write to, who it is, and nothing of a file beside it. */
async function prove(means: Means, folder: string): Promise<void> {
  const folders = await makeFolders(join(folder, 'builds'), 'probe');
  const beside = join(folder, 'beside');
  const room = new Rooms(means).make({ folders, mark: {} });
  try {
    writeFileSync(beside, '');
    const { uid } = room.account;
    const checks = [
      `[ "$(id -u)" = ${uid} ]`,
      `: >${quote(`${folders.home}/file`)}`,
      `[ ! -e ${quote(beside)} ]`,
      `! (: >${quote(`${folders.root}/file`)}) 2>/dev/null`,
    ];
    const [command, ...args] = [
      ...(await room.entrance()),
      '/bin/sh',
      '-ec',
      checks.map((check) => `${check} || { echo ${quote(check)} >&2; exit 1; }`).join('\n'),
    ];
    await run(command!, args, { env: {}, cwd: '/' });
  } finally {
    await room.end();
  }
}

async function attempt(method: Method, find: FindTool, surroundings: Surroundings, system: System): Promise<Means> {
  const means = { method, tools: toolsOf(method, find), system, asRoot: process.getuid?.() === 0 };
  const trial = mkdtempSync(join(surroundings.folder, 'isolation-'));
  try {
    await prove(means, trial);
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: string };
    if (code === 'SandboxFailed') throw error;
    throw new PipewrightError('SandboxFailed', `${method.name}: ${stderr?.trim().split('\n')[0] || messageOf(error)}`, { cause: error });
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
  return means;
}

/** Finds out how builds can be isolated on this machine, by isolating. */
export async function detectIsolation(surroundings: Surroundings): Promise<Detected> {
  const { own, home, path, platform } = surroundings;
  if (platform !== 'linux') return { missing: `isolation needs Linux, and this is ${platform}` };
  const system = describeSystem(own, home, path);
  const reasons: string[] = [];
  for (const method of METHODS) {
    try {
      return { rooms: new Rooms(await attempt(method, finderOf(path), surroundings, system)), method: method.name };
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  return { missing: reasons.join('; ') };
}
