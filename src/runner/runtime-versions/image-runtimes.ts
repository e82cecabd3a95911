import { parse } from 'yaml';
import { isObject } from '../../kernel/json.ts';

/** Where AWS's own images say which runtimes they have, and by which commands one is chosen: https://github.com/aws/aws-codebuild-docker-images */
export const IMAGE_RUNTIMES = '/codebuild/image/config/runtimes.yml';

/** The commands that choose a version, by runtime and version. */
export type ImageRuntimes = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

function commandsOf(version: unknown): readonly string[] {
  const commands = isObject(version) ? version['commands'] : undefined;
  return Array.isArray(commands) ? commands.filter((command) => typeof command === 'string') : [];
}

/** Undefined where the text is something else. */
export function parseImageRuntimes(text: string): ImageRuntimes | undefined {
  // Version numbers are texts: 3.10 is not 3.1.
  const value: unknown = parse(text, { schema: 'failsafe', logLevel: 'silent', strict: false });
  const runtimes = isObject(value) ? value['runtimes'] : undefined;
  if (!isObject(runtimes)) return undefined;
  return Object.fromEntries(
    Object.entries(runtimes).map(([name, runtime]) => {
      const versions = isObject(runtime) && isObject(runtime['versions']) ? runtime['versions'] : {};
      return [name, Object.fromEntries(Object.entries(versions).map(([version, entry]) => [version, commandsOf(entry)]))];
    }),
  );
}
