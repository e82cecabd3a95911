import { quote } from '../../kernel/shell-quote.ts';

/** Where the programs below and the runner meet, in the build's temporary folder. The runner looks whether they are there, and reads none of them. */
export const MEETING = {
  /** There as long as the build is to stand still. */
  paused: 'paused',
  /** What it knew then: variables for a shell, and the folder. */
  variables: 'paused-variables',
  folder: 'paused-folder',
} as const;

export interface ProgramPlace {
  /** The build's temporary folder. */
  readonly temporary: string;
  /** Whether somebody may debug the build. */
  readonly enabled: boolean;
}

/**
 * `codebuild-breakpoint` and `codebuild-resume`, as every build has them on its PATH:
 * https://docs.aws.amazon.com/codebuild/latest/userguide/session-manager.html
 */
export function debugPrograms({ temporary, enabled }: ProgramPlace): Readonly<Record<string, string>> {
  const at = (name: string): string => quote(`${temporary}/${name}`);
  const [paused, variables, folder] = [at(MEETING.paused), at(MEETING.variables), at(MEETING.folder)];
  const disabled = `#!/bin/sh
echo "\${0##*/}: the build was started without a debug session; it goes on"
`;
  if (!enabled) return { 'codebuild-breakpoint': disabled, 'codebuild-resume': disabled };
  return {
    'codebuild-breakpoint': `#!/bin/sh
export -p >${variables} && pwd >${folder} && : >${paused} || exit 1
while [ -e ${paused} ]; do sleep 0.1 2>/dev/null || sleep 1; done
`,
    'codebuild-resume': `#!/bin/sh
case "\${1-}" in
  '' | retry | skip) ;;
  *) echo 'usage: codebuild-resume [retry | skip]' >&2; exit 2 ;;
esac
[ -e ${paused} ] || { echo 'codebuild-resume: the build is not paused' >&2; exit 1; }
[ -z "\${1-}" ] || : >${paused}-"$1"
rm -f ${paused}
`,
  };
}
