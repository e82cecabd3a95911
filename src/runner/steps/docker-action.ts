import { join } from 'node:path';
import type { ActionRuns } from '../../services/codebuild/rules/steps/types.ts';
import { stateVariables, type ActionCall } from './action-call.ts';
import { Expressions } from './expressions.ts';
import { inputVariables } from './inputs.ts';
import { environmentOf, FILES, invoke, type Told } from './invoke.ts';
import { readText } from './inside.ts';
import type { ListScope } from './scope.ts';
import type { Session } from './session.ts';
import { StepError } from './step-error.ts';
import { wordsOf } from './words.ts';

export type DockerRuns = Extract<ActionRuns, { kind: 'docker' }>;

/** Of the build's place, not of its work: the action's container has its own. */
const OWN = new Set(['PATH', 'HOME', 'PWD', 'OLDPWD', 'SHLVL', '_', 'TMPDIR', 'HOSTNAME', 'TERM']);
const WORKSPACE = '/github/workspace';

/** Why this build can run no Docker action; undefined where it can. */
async function obstacle({ build }: Session): Promise<string | undefined> {
  if (!build.container) return 'this build runs on the host, not in a container';
  if (build.job.environment.privilegedMode !== true) return 'the project does not have privilegedMode, without which builds get no Docker';
  if ((await build.execute('command -v docker >/dev/null 2>&1')) !== 0) return "there is no docker on the PATH of the build's image";
  return undefined;
}

/** An image of a Dockerfile has no name: builds of other states of it would take it from each other. */
async function imageOf(session: Session, scope: ListScope, { uses, action, env }: ActionCall, image: string): Promise<string> {
  if (image.startsWith('docker://')) return image.slice('docker://'.length);
  session.build.log.agent(`Building the image of ${uses}`);
  const file = session.places.made();
  const build = ['docker', 'build', '--quiet', '--iidfile', file, '--file', join(action.folder, image), action.folder];
  await invoke(session, scope, { argv: ['sh', '-c', 'exec "$@" >/dev/null', 'sh', ...build], env, cwd: action.folder });
  const id = readText(file, session.build.workspace.temporary)?.trim();
  if (id === undefined || id === '') throw new StepError(`docker did not tell what it built of ${uses}`);
  return id;
}

/** The environment's names go to the command line, their values do not. */
function runCommand({ build, places }: Session, names: readonly string[], entrypoint: string | undefined): readonly string[] {
  const { workspace, sourceDirectory } = build;
  // Where the build itself is in the host's network, the server is reached there only.
  const network = workspace.endpoint === undefined ? ['--network', 'host'] : [];
  const mounts = ['--volume', `${workspace.root}:${workspace.root}`, '--volume', `${sourceDirectory}:${WORKSPACE}`];
  const env = [...names, `HOME=${places.home}`, `GITHUB_WORKSPACE=${WORKSPACE}`].flatMap((one) => ['--env', one]);
  const start = entrypoint === undefined ? [] : ['--entrypoint', entrypoint];
  // The command's end is not the container's.
  const labels = Object.entries(workspace.labels ?? {}).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
  return ['docker', 'run', '--rm', '--init', ...labels, '--workdir', WORKSPACE, ...mounts, ...network, ...env, ...start];
}

/** All that the step's program would see, the files for its answers included. */
function namesOf(session: Session, scope: ListScope, own: Readonly<Record<string, string>>): readonly string[] {
  const names = Object.keys({ ...session.environment, ...environmentOf(session, scope, own) });
  return [...names, ...Object.values(FILES)].filter((name) => !OWN.has(name));
}

/**
 * Runs a Docker action through the build's own docker, which a privileged build has: its workspace is at the same path for the engine, so
 * that the action's container sees it too. https://docs.github.com/en/actions/how-tos/create-and-publish-actions/create-a-docker-container-action
 */
export async function runDocker(session: Session, call: ActionCall, runs: DockerRuns, entrypoint: string | undefined): Promise<Told> {
  const why = await obstacle(session);
  if (why !== undefined) throw new StepError(`${call.uses} is a Docker action, which cannot be run here: ${why}`);
  const { scope, env, inputs, state } = call;
  const expressions = new Expressions(session, { ...scope, inputs }, env);
  const own = { ...(await expressions.texts(runs.env)), ...env, ...inputVariables(inputs), ...stateVariables(state) };
  const args = inputs['args'] === undefined ? await all(runs.args, expressions) : wordsOf(inputs['args']);
  const image = await imageOf(session, scope, call, runs.image);
  const command = runCommand(session, namesOf(session, scope, own), inputs['entrypoint'] ?? entrypoint);
  const told = await invoke(session, scope, { argv: [...command, image, ...args], env: own, cwd: session.build.sourceDirectory });
  Object.assign(state, told.state);
  return told;
}

async function all(texts: readonly string[], expressions: Expressions): Promise<readonly string[]> {
  const found: string[] = [];
  for (const text of texts) found.push(await expressions.text(text));
  return found;
}
