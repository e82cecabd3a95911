import { StepError } from './step-error.ts';

export interface ScriptShell {
  /** With `{0}` where the script's path belongs. */
  readonly argv: readonly string[];
  readonly extension: string;
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell */
const KNOWN: Readonly<Record<string, ScriptShell>> = {
  bash: { argv: ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '{0}'], extension: '.sh' },
  sh: { argv: ['sh', '-e', '{0}'], extension: '.sh' },
  python: { argv: ['python', '{0}'], extension: '.py' },
  pwsh: { argv: ['pwsh', '-command', ". '{0}'"], extension: '.ps1' },
};

/** Without one it is bash, where there is bash. */
export function scriptShell(shell: string | undefined, bash: boolean): ScriptShell {
  if (shell === undefined || shell === '') return bash ? { argv: ['bash', '-e', '{0}'], extension: '.sh' } : KNOWN['sh']!;
  if (Object.hasOwn(KNOWN, shell)) return KNOWN[shell]!;
  const argv = shell.split(/\s+/).filter((word) => word !== '');
  if (!argv.some((word) => word.includes('{0}')))
    throw new StepError(`The shell ${shell} is not known here: write bash, sh, python, pwsh, or a command line with {0} for the script`);
  return { argv, extension: '' };
}
