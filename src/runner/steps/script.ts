import { rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Step } from '../../services/codebuild/rules/steps/types.ts';
import type { Expressions } from './expressions.ts';
import { invoke, type Told } from './invoke.ts';
import type { ListScope } from './scope.ts';
import type { Session } from './session.ts';
import { scriptShell } from './shells.ts';

type Env = Readonly<Record<string, string>>;

/** Runs the script of a `run` step: a file of its own, in a shell of its own. */
export async function runScript(
  session: Session,
  scope: ListScope,
  { step, env, expressions }: { readonly step: Step; readonly env: Env; readonly expressions: Expressions },
): Promise<Told> {
  const { workspace, sourceDirectory } = session.build;
  const { argv, extension } = scriptShell(step.shell && (await expressions.text(step.shell)), workspace.bash);
  const text = await expressions.text(step.run ?? '');
  const file = session.places.give(text.endsWith('\n') ? text : `${text}\n`, extension);
  const folder = await expressions.text(step.workingDirectory ?? '');
  const cwd = isAbsolute(folder) ? folder : join(sourceDirectory, folder);
  try {
    return await invoke(session, scope, { argv: argv.map((word) => word.replaceAll('{0}', file)), env, cwd });
  } finally {
    await rm(file, { force: true });
  }
}
