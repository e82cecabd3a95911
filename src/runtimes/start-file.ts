import { quote } from '../kernel/shell-quote.ts';
import type { WorkloadSpec } from './runtime.ts';

/** Names that a shell can export; the others are handed over by env(1). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Bash sets these itself, and refuses to have them set. */
const READ_ONLY = new Set(['UID', 'EUID', 'PPID', 'BASHOPTS', 'SHELLOPTS', 'BASH_VERSINFO']);

export type Program = Pick<WorkloadSpec, 'command' | 'args' | 'env' | 'cwd' | 'user'>;

/**
 * A shell's way to become a program: its environment is in no argument, which others could read, and in no environment of what runs before it.
 * `user`: by su(1), which every image has that has users. `otherwise`: where it starts when its own folder is gone.
 */
export function startLines({ command, args, env, cwd, user }: Program, otherwise: string): readonly string[] {
  const entries = Object.entries(env);
  const sayable = (name: string): boolean => NAME.test(name) && !READ_ONLY.has(name);
  const odd = entries.filter(([name]) => !sayable(name)).map(([name, value]) => quote(`${name}=${value}`));
  const words = [...(odd.length > 0 ? ['env', ...odd] : []), ...[command, ...args].map(quote)];
  return [
    `cd -- ${quote(cwd)} 2>/dev/null || cd -- ${quote(otherwise)} || exit 126`,
    ...entries.filter(([name]) => sayable(name)).map(([name, value]) => `export ${name}=${quote(value)}`),
    user === undefined ? `exec ${words.join(' ')}` : `exec su -s /bin/sh ${quote(user)} -c ${quote(`exec ${words.join(' ')}`)}`,
  ];
}
