import { lstat, readFile, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { PipewrightClient } from '../../client/client.ts';
import { codeFrame } from '../../kernel/code-frame.ts';
import { messageOf } from '../../kernel/errors.ts';
import { parseBatchspec } from '../../services/codebuild/rules/batch/parse.ts';
import type { Batchspec } from '../../services/codebuild/rules/batch/types.ts';
import { parseBuildspec } from '../../services/codebuild/rules/buildspec/parse.ts';
import type { Buildspec, Finding } from '../../services/codebuild/rules/buildspec/types.ts';
import type { BuildLog } from '../output/build-log.ts';
import { clientError, PhaseFailure } from './failure.ts';

const LARGEST = 1024 * 1024;

/** A buildspec given in the project or the call: its text, where it has several lines or is JSON; else it is a path. */
export function isInline(buildspec: string): boolean {
  return buildspec.includes('\n') || /^\s*\{/.test(buildspec) || /^\s*version\s*:/.test(buildspec);
}

/** UTF-8, or what the byte order mark says: YAML may be UTF-16, and some editors and shells of Windows write it so. */
function decoded(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

async function fromObject(arn: string, s3: PipewrightClient['s3']): Promise<string> {
  const [bucket = '', ...key] = arn.split(':').slice(5).join(':').split('/');
  try {
    const { Body } = await s3.getObject({ Bucket: bucket, Key: key.join('/') });
    const chunks: Uint8Array[] = [];
    if (Body) for await (const chunk of Body) chunks.push(chunk);
    return decoded(Buffer.concat(chunks));
  } catch (error) {
    throw clientError(`Unable to read the buildspec ${arn}: ${messageOf(error)}`);
  }
}

async function fromFile(path: string, sourceDir: string): Promise<string> {
  const full = join(sourceDir, path);
  try {
    // A link in the source must not make us show a file of the machine in the log.
    const real = relative(await realpath(sourceDir), await realpath(full));
    if (real.startsWith('..') || (await lstat(full)).size > LARGEST) throw new PhaseFailure('YAML_FILE_ERROR', `cannot read ${path}`);
    return decoded(await readFile(full));
  } catch (error) {
    if (error instanceof PhaseFailure) throw error;
    throw new PhaseFailure('YAML_FILE_ERROR', `stat ${full}: no such file or directory`);
  }
}

export interface BuildspecTools {
  readonly sourceDir: string;
  readonly s3: PipewrightClient['s3'];
  readonly log: BuildLog;
}

/** The buildspec's text: inline, an S3 ARN, or a path in the primary source (default buildspec.yml). */
async function load(given: string | undefined, tools: BuildspecTools): Promise<{ readonly text: string; readonly shown: string }> {
  const inline = given !== undefined && isInline(given);
  const path = given === undefined || given === '' ? 'buildspec.yml' : given;
  const isObject = /^arn:aws[a-z-]*:s3:/.test(path);
  const name = inline ? 'the inline buildspec' : isObject ? path : join(tools.sourceDir, path);
  tools.log.agent(`YAML location is ${name}`);
  const text = inline ? given : isObject ? await fromObject(path, tools.s3) : await fromFile(path, tools.sourceDir);
  return { text, shown: inline ? 'buildspec' : path };
}

type Parsed<T> =
  | { readonly ok: T; readonly warnings: readonly Finding[] }
  | { readonly errors: readonly Finding[]; readonly warnings: readonly Finding[] };

async function read<T>(parse: (text: string) => Parsed<T>, given: string | undefined, tools: BuildspecTools): Promise<T> {
  const { text, shown } = await load(given, tools);
  const parsed = parse(text);
  for (const warning of parsed.warnings) tools.log.agent(`Line ${warning.line} of the buildspec: ${warning.message}`);
  if ('ok' in parsed) return parsed.ok;
  for (const error of parsed.errors) tools.log.output(Buffer.from(`${codeFrame(shown, text, error)}\n`));
  throw new PhaseFailure('YAML_FILE_ERROR', parsed.errors[0]!.message);
}

/** Finds and parses the build's buildspec. */
export function readBuildspec(given: string | undefined, tools: BuildspecTools): Promise<Buildspec> {
  return read(parseBuildspec, given, tools);
}

/** Finds the buildspec and parses what it says of batches. */
export function readBatchspec(given: string | undefined, tools: BuildspecTools): Promise<Batchspec> {
  return read(parseBatchspec, given, tools);
}
