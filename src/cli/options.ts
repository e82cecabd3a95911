import { Option as Flag, type Command } from 'commander';
import { OPTIONS, type Option, type Settings } from '../kernel/options.ts';
import { EXIT, Failure } from './failure.ts';

type Given = Readonly<Record<string, unknown>>;

function flag(key: string, option: Option): Flag {
  const text = option.argument === undefined ? option.flag : `${option.flag} <${option.argument}>`;
  const made = new Flag(text, option.help).env(option.env).default(option.default);
  if (option.choices) made.choices([...option.choices]);
  if (option.kind === 'number') made.argParser((value) => port(key, value));
  return made;
}

function port(name: string, value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > 65_535) throw new Failure(`--${name} takes a number from 0 to 65535, not '${value}'.`, EXIT.usage);
  return number;
}

/** Gives a command the server's options, or some of them: all from the one table. */
export function serverOptions(
  command: Command,
  keys: readonly (keyof typeof OPTIONS)[] = Object.keys(OPTIONS) as (keyof typeof OPTIONS)[],
): Command {
  for (const key of keys) command.addOption(flag(key, OPTIONS[key]));
  return command;
}

/** What was given on the command line, in the environment, or by default. A boolean in the environment is true for 1, true and yes. */
export function settingsOf(given: Given): Settings {
  const value = (key: keyof typeof OPTIONS) => (given[key] ?? OPTIONS[key].default) as string | number | boolean;
  const yes = (key: keyof typeof OPTIONS) => ['true', '1', 'yes'].includes(String(value(key)).toLowerCase());
  return {
    port: Number(value('port')),
    host: String(value('host')),
    data: String(value('data')),
    account: String(value('account')),
    region: String(value('region')),
    auth: value('auth') === 'off' ? 'off' : 'sigv4',
    allowReset: yes('allowReset'),
  };
}
