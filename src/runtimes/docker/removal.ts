import { messageOf } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/log.ts';
import { LABEL } from './container-spec.ts';
import type { EngineClient } from './engine/client.ts';
import { EngineUnreachable, isMissing } from './engine/errors.ts';

/** Ends and removes a container with its anonymous volumes; by name or id. One that is not there is removed already. */
export async function removeContainer(client: EngineClient, name: string): Promise<void> {
  try {
    await client.json('DELETE', `/containers/${name}?force=1&v=1`);
  } catch (error) {
    // 409: somebody else's removal is under way.
    if (!isMissing(error) && (error as { status?: number }).status !== 409) throw error;
  }
}

interface Listed {
  readonly Id: string;
  readonly ImageID?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface OwnContainer {
  readonly container: string;
  /** Whose it was; '' for a helper's. */
  readonly build: string;
  /** Its image's id. */
  readonly image: string;
}

function labelled(client: EngineClient, name: string, value: string): Promise<readonly Listed[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${name}=${value}`] }));
  return client.json<readonly Listed[]>('GET', `/containers/json?all=1&filters=${filters}`);
}

/** Removes the containers that a workload with the engine's socket started with its labels, beside its own. */
export async function removeWithin(client: EngineClient, id: string): Promise<void> {
  for (const { Id } of await labelled(client, LABEL.within, id)) await removeContainer(client, Id);
}

/** The containers of this data folder, running or not. */
export async function ownContainers(client: EngineClient, owner: string): Promise<readonly OwnContainer[]> {
  const listed = await labelled(client, LABEL.owner, owner);
  return listed.map(({ Id, ImageID = '', Labels }) => ({ container: Id, build: Labels?.[LABEL.build] ?? '', image: ImageID }));
}

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** Removals that could not be done because the engine was away: they are tried again until it is back. */
export class Leftovers {
  readonly #names = new Set<string>();
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  add(client: EngineClient, name: string): void {
    this.#names.add(name);
    this.#again(client, FIRST_MS);
  }

  #again(client: EngineClient, ms: number): void {
    clearTimeout(this.#timer);
    // What is still left when we end, the next life finds by its label.
    this.#timer = setTimeout(() => void this.#try(client, ms), ms).unref();
  }

  async #try(client: EngineClient, waited: number): Promise<void> {
    for (const name of this.#names) {
      try {
        await removeContainer(client, name);
        this.#names.delete(name);
      } catch (error) {
        if (!(error instanceof EngineUnreachable))
          this.#log.error('a container was not removed', { container: name, error: messageOf(error) });
        return this.#again(client, Math.min(waited * 2, LONGEST_MS));
      }
    }
  }
}
