import { Option as Flag, type Command } from 'commander';
import { OPTIONS, type Option, type Settings } from '../kernel/options.ts';
import { EXIT, Failure } from './failure.ts';
import type { CliTools } from './tools.ts';

/** What turns a boolean on in the environment. */
const YES = /^(1|true|yes)$/i;

type Given = Readonly<Record<string, unknown>>;

function flag(option: Option, env: CliTools['env']): Flag {
  if (option.kind === 'boolean') return booleanFlag(option, env);
  const text = option.argument === undefined ? option.flag : `${option.flag} <${option.argument}>`;
  const made = new Flag(text, option.help).env(option.env).default(option.default);
  if (option.choices) made.choices([...option.choices]);
  if (option.kind === 'number') made.argParser((value) => number(option.flag, value));
  return made;
}

/** commander takes a boolean's variable for yes whatever it holds, `0` and `false` too. */
function booleanFlag(option: Option, env: CliTools['env']): Flag {
  const given = YES.test(env[option.env] ?? '');
  return new Flag(option.flag, `${option.help} (env: ${option.env}=1)`).default(given || option.default, String(option.default));
}

function number(name: string, value: string): number {
  const given = Number(value);
  if (!/^\d+$/.test(value) || given > 65_535) throw new Failure(`${name} takes a number from 0 to 65535, not '${value}'.`, EXIT.usage);
  return given;
}

/** Gives a command the server's options, or some of them: all from the one table. */
export function serverOptions(
  command: Command,
  env: CliTools['env'],
  keys: readonly (keyof typeof OPTIONS)[] = Object.keys(OPTIONS) as (keyof typeof OPTIONS)[],
): Command {
  for (const key of keys) command.addOption(flag(OPTIONS[key], env));
  return command;
}

/** What was given on the command line, in the environment, or by default. */
export function settingsOf(given: Given): Settings {
  const value = (key: keyof typeof OPTIONS) => (given[key] ?? OPTIONS[key].default) as string | number | boolean;
  return {
    port: Number(value('port')),
    host: String(value('host')),
    data: String(value('data')),
    account: String(value('account')),
    region: String(value('region')),
    auth: value('auth') === 'off' ? 'off' : 'sigv4',
    allowReset: value('allowReset') === true,
    buildRuntime: value('buildRuntime') as Settings['buildRuntime'],
    buildIsolation: value('buildIsolation') as 'auto' | 'off' | 'required',
    buildNetwork: String(value('buildNetwork')),
    buildImages: String(value('buildImages')),
    warmContainers: Number(value('warmContainers')),
    actionsUrl: String(value('actionsUrl')),
    jobLease: Number(value('jobLease')),
    quotas: value('quotas') === 'aws' ? 'aws' : 'relaxed',
    publicUrl: String(value('publicUrl')),
    smtpUrl: String(value('smtpUrl')),
    mailFrom: String(value('mailFrom')),
  };
}
