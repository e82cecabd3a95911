import { messageOf } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/log.ts';
import type { Place, Workspace } from '../runtime.ts';
import { foldersOf, makeFolders } from '../workspace.ts';
import { LABEL } from './container-spec.ts';
import { Container } from './container.ts';
import type { Engine } from './engine/find.ts';
import { EngineUnreachable } from './engine/errors.ts';
import { Gateways } from './gateway.ts';
import { ensureNetwork } from './network.ts';
import { Leftovers, removeContainer, removeWithin } from './removal.ts';
import { removeWorkspace } from './workspace-removal.ts';

/** A started container with its workspace. */
export interface Room {
  /** Names the container and the folder. */
  readonly id: string;
  /** What it is for: only a build with the same key may have it. */
  readonly key: string;
  readonly alive: boolean;
  readonly container: Container;
  readonly workspace: Workspace;
  readonly made: Made;
}

/** What a room was made of. */
export interface Made {
  readonly engine: Engine;
  /** The engine's id of the image. */
  readonly image: string;
  /** `host`, or a network of the engine's. */
  readonly network: string;
  readonly place: Pick<Place, 'project' | 'computeType' | 'privileged' | 'endpoint'>;
}

/** What is known of a room that is removed: little where an earlier life made it. */
type Removed = Pick<Made, 'engine' | 'image'> & Partial<Pick<Made, 'place'>>;

export interface RoomOptions {
  readonly folder: string;
  readonly owner: string;
  readonly log: Logger;
}

const nameOf = (id: string): string => `pipewright-${id}`;

export const keyOf = ({ image, network, place: { project, computeType, privileged, endpoint } }: Made): string =>
  JSON.stringify([project, image, network, computeType, privileged, endpoint]);

/** Makes and removes rooms. */
export class Rooms {
  readonly #options: RoomOptions;
  readonly #gateways = new Gateways();
  readonly #leftovers: Leftovers;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#leftovers = new Leftovers(options.log);
  }

  async make(id: string, made: Made): Promise<Room> {
    const { folder, owner } = this.#options;
    const { engine, image, network, place } = made;
    const folders = await makeFolders(folder, id);
    try {
      const { computeType, privileged } = place;
      await ensureNetwork(engine, network);
      const wish = { id, owner, image, computeType, privileged, network, workspace: folders.root };
      const container = await Container.start(engine, wish, nameOf(id));
      const [bash, endpoint] = await Promise.all([container.bash, this.#endpoint(id, made)]);
      const locate = (path: string) => (path.startsWith(`${folders.root}/`) ? { path, within: folders.root } : undefined);
      const labels = privileged && { labels: { [LABEL.owner]: owner, [LABEL.within]: id } };
      const reached = endpoint !== undefined && { endpoint };
      const workspace = { ...folders, locate, bash, answerMark: container.answerMark, ...labels, ...reached };
      return {
        id,
        key: keyOf(made),
        get alive() {
          return container.alive;
        },
        container,
        workspace,
        made,
      };
    } catch (error) {
      await this.remove(id, made);
      throw error;
    }
  }

  /** Ends and removes all of it. Never rejects: what cannot be removed now is tried again, or said in the log. */
  async remove(id: string, { engine: { client }, image, place }: Removed): Promise<void> {
    const { folder, owner, log } = this.#options;
    try {
      await removeContainer(client, nameOf(id));
      if (place?.privileged) await removeWithin(client, id);
    } catch (error) {
      if (!(error instanceof EngineUnreachable))
        log.error('a container was not removed', { container: nameOf(id), error: messageOf(error) });
      this.#leftovers.add(client, nameOf(id));
    }
    const { root, scratch } = foldersOf(folder, id);
    for (const path of [root, scratch])
      await removeWorkspace(path, { client, image, owner }).catch((error: unknown) =>
        log.error('a workspace was not removed', { folder: path, error: messageOf(error) }),
      );
  }

  close(): Promise<void> {
    return this.#gateways.close();
  }

  async #endpoint(id: string, { engine, network, place }: Made): Promise<string | undefined> {
    return network === 'host' ? undefined : this.#gateways.endpointFor(engine, nameOf(id), place.endpoint);
  }
}
