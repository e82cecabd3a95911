import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { quote } from '../../kernel/shell-quote.ts';
import { parseAction } from '../../services/codebuild/rules/steps/action.ts';
import { parseReference } from '../../services/codebuild/rules/steps/reference.ts';
import type { Action, ActionReference } from '../../services/codebuild/rules/steps/types.ts';
import { readText } from './inside.ts';
import type { Session } from './session.ts';
import { StepError } from './step-error.ts';

const run = promisify(execFile);

export interface LoadedAction {
  readonly definition: Action;
  /** Where its action.yml is. */
  readonly folder: string;
  /** For the github context: action_path, and of a remote one action_repository and action_ref. */
  readonly facts: Readonly<Record<string, string>>;
}

type Remote = Extract<ActionReference, { kind: 'remote' }>;

/** The actions that a build uses, each repository fetched once. */
export class Actions {
  readonly #session: Session;
  readonly #fetched = new Map<string, Promise<void>>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Throws StepError where there is no such action. */
  async load(uses: string): Promise<LoadedAction> {
    const reference = parseReference(uses);
    switch (reference?.kind) {
      case 'local':
        return this.#read(uses, join(this.#session.build.sourceDirectory, reference.path), {});
      case 'image':
        return this.#image(reference.image);
      case 'remote':
        return this.#remote(uses, reference);
      case undefined:
        throw new StepError(`${uses} names no action`);
    }
  }

  #image(image: string): LoadedAction {
    const runs = { kind: 'docker' as const, image: `docker://${image}`, args: [], env: {} };
    return { definition: { inputs: {}, outputs: {}, runs }, folder: this.#session.places.temp, facts: {} };
  }

  async #remote(uses: string, reference: Remote): Promise<LoadedAction> {
    const { owner, repository, path, ref } = reference;
    const name = join(owner, repository, encodeURIComponent(ref));
    const fetched = this.#fetched.get(name) ?? this.#fetch(reference, name);
    this.#fetched.set(name, fetched);
    await fetched;
    const { places } = this.#session;
    const facts = { action_repository: `${owner}/${repository}`, action_ref: ref };
    return this.#read(uses, join(places.fetched, name, path), facts, join(places.actions, name, path));
  }

  async #fetch(reference: Remote, name: string): Promise<void> {
    const { build, places } = this.#session;
    const { owner, repository, ref } = reference;
    build.log.agent(`Fetching the action ${owner}/${repository}@${ref}`);
    const [folder, copy] = [join(places.fetched, name), join(places.actions, name)];
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await build.fetchAction(reference, folder);
    await run('chmod', ['-R', 'a+rX', '--', places.fetched]);
    const script = `mkdir -p ${quote(copy)} && cp -R ${quote(`${folder}/.`)} ${quote(copy)}`;
    if ((await build.execute(`(umask 022; ${script}) 2>/dev/null`)) !== 0)
      throw new StepError(`the action ${owner}/${repository} could not be put into the build's folder`);
  }

  /** `folder`: where it is read; `used`: where its programs are run. */
  #read(uses: string, folder: string, facts: Readonly<Record<string, string>>, used = folder): LoadedAction {
    const { root } = this.#session.build.workspace;
    const where = { folder: used, facts: { ...facts, action_path: used } };
    for (const name of ['action.yml', 'action.yaml']) {
      const text = readText(join(folder, name), root);
      if (text === undefined) continue;
      const parsed = parseAction(text);
      if ('ok' in parsed) return { definition: parsed.ok, ...where };
      const [{ message, line, column }] = parsed.errors as [(typeof parsed.errors)[number]];
      throw new StepError(`${name} of ${uses}, line ${line}, column ${column}: ${message}`);
    }
    if (readText(join(folder, 'Dockerfile'), root) === undefined)
      throw new StepError(`${uses} has neither action.yml nor action.yaml nor Dockerfile`);
    const runs = { kind: 'docker' as const, image: 'Dockerfile', args: [], env: {} };
    return { definition: { inputs: {}, outputs: {}, runs }, ...where };
  }
}
