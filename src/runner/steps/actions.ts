import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAction } from '../../services/codebuild/rules/steps/action.ts';
import { parseReference } from '../../services/codebuild/rules/steps/reference.ts';
import type { Action, ActionReference } from '../../services/codebuild/rules/steps/types.ts';
import { readInside } from './inside.ts';
import type { Session } from './session.ts';
import { StepError } from './step-error.ts';

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
  readonly #folders = new Map<string, Promise<string>>();

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
    return { definition: { inputs: {}, outputs: {}, runs }, folder: this.#session.folder, facts: {} };
  }

  async #remote(uses: string, reference: Remote): Promise<LoadedAction> {
    const { owner, repository, path, ref } = reference;
    const key = `${owner}/${repository}@${ref}`;
    const fetched = this.#folders.get(key) ?? this.#fetch(reference);
    this.#folders.set(key, fetched);
    return this.#read(uses, join(await fetched, path), { action_repository: `${owner}/${repository}`, action_ref: ref });
  }

  async #fetch(reference: Remote): Promise<string> {
    const { log, fetchAction } = this.#session.build;
    const { owner, repository, ref } = reference;
    log.agent(`Fetching the action ${owner}/${repository}@${ref}`);
    const folder = join(this.#session.folder, 'actions', owner, repository, encodeURIComponent(ref));
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await fetchAction(reference, folder);
    return folder;
  }

  async #read(uses: string, folder: string, facts: Readonly<Record<string, string>>): Promise<LoadedAction> {
    const { root } = this.#session.build.workspace;
    for (const name of ['action.yml', 'action.yaml']) {
      const text = await readInside(root, join(folder, name));
      if (text === undefined) continue;
      const parsed = parseAction(text);
      if ('ok' in parsed) return { definition: parsed.ok, folder, facts: { ...facts, action_path: folder } };
      const [{ message, line, column }] = parsed.errors as [(typeof parsed.errors)[number]];
      throw new StepError(`${name} of ${uses}, line ${line}, column ${column}: ${message}`);
    }
    if ((await readInside(root, join(folder, 'Dockerfile'))) === undefined)
      throw new StepError(`${uses} has neither action.yml nor action.yaml nor Dockerfile`);
    const runs = { kind: 'docker' as const, image: 'Dockerfile', args: [], env: {} };
    return { definition: { inputs: {}, outputs: {}, runs }, folder, facts: { ...facts, action_path: folder } };
  }
}
