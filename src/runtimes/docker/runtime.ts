import { mkdirSync, readdirSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { messageOf, PipewrightError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/log.ts';
import type { Place, Runtime, Terminal, TerminalSpec, Workload, WorkloadSpec, Workspace } from '../runtime.ts';
import type { EngineEnv } from './engine/address.ts';
import type { Engine } from './engine/find.ts';
import { Finder } from './finder.ts';
import { engineImage, type ImageMap } from './image-names.ts';
import { Images } from './images.ts';
import type { LoginEnv } from './logins.ts';
import { ownContainers, removeContainer } from './removal.ts';
import { keyOf, Rooms, type Room } from './rooms.ts';
import { Spares } from './spares.ts';

export interface DockerOptions {
  /** The runner's work folder. */
  readonly folder: string;
  /** The data folder's id: its containers are labelled with it. */
  readonly owner: string;
  readonly env: EngineEnv & LoginEnv;
  readonly log: Logger;
}

/** What the server says of containers; it may say otherwise after its restart. */
export interface ContainerSettings {
  readonly images: ImageMap;
  /** `host`, or a network of the engine's. */
  readonly network: string;
  /** How many started containers wait for the next builds of each project. */
  readonly spares: number;
}

/** Runs user code in containers of Docker or Podman: one for each build, alive from its first phase to its last. */
export class DockerRuntime implements Runtime {
  readonly name = 'docker';
  readonly #options: DockerOptions;
  readonly #folder: string;
  readonly #taken = new Map<string, Room>();
  readonly #images: Images;
  readonly #finder: Finder;
  readonly #rooms: Rooms;
  readonly #spares: Spares<Room>;
  #settings: ContainerSettings = { images: {}, network: 'host', spares: 0 };
  #swept: readonly string[] = [];

  constructor(options: DockerOptions) {
    this.#options = options;
    this.#folder = join(options.folder, 'containers');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#images = new Images(options.env);
    this.#finder = new Finder(options.env, (engine) => this.#sweep(engine));
    this.#rooms = new Rooms({ ...options, folder: this.#folder });
    this.#spares = new Spares((room) => this.#rooms.remove(room.id, room.made));
  }

  configure(settings: ContainerSettings): void {
    this.#settings = settings;
  }

  /** Why no build can run here: no engine answers. Undefined where one does. */
  async missing(): Promise<string | undefined> {
    try {
      await this.#finder.engine();
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  async prepare(id: string, place: Place): Promise<Workspace> {
    const { images, network } = this.#settings;
    const engine = await this.#finder.engine();
    const image = await this.#images.ensure(engine.client, engineImage(place.image, images), place);
    const { project, computeType, privileged, endpoint } = place;
    const made = { engine, image, network, place: { project, computeType, privileged, endpoint } };
    const room = this.#spares.take(keyOf(made)) ?? (await this.#rooms.make(id, made));
    this.#taken.set(id, room);
    return room.workspace;
  }

  async start(spec: WorkloadSpec): Promise<Workload> {
    const { container, workspace } = this.#room(spec.id);
    return container.run(spec, workspace);
  }

  async terminal(spec: TerminalSpec): Promise<Terminal> {
    return this.#room(spec.id).container.terminal(spec);
  }

  /** What we put there is root's in the container, or may be written to by it. */
  async handOver(): Promise<void> {}

  /** The build's own shell takes part in the work here. */
  still<T>(_id: string, work: () => Promise<T>): Promise<T> {
    return work();
  }

  async destroy(id: string): Promise<void> {
    const room = this.#taken.get(id);
    if (!room) return;
    this.#taken.delete(id);
    await this.#rooms.remove(room.id, room.made);
    // Not waited for, and only now: while the build ran it would have taken its time.
    const filled = this.#spares.fill(room.key, this.#settings.spares, () => this.#rooms.make(randomUUID(), room.made));
    filled.catch((error: unknown) => {
      this.#options.log.warn('no container could be made ahead', { error: messageOf(error) });
    });
  }

  async sweep(): Promise<readonly string[]> {
    // Where no engine answers now, it is done as soon as one does.
    await this.missing();
    return this.#swept;
  }

  /** Removes what waits for builds. */
  async close(): Promise<void> {
    await this.#spares.close();
    await this.#rooms.close();
  }

  #room(id: string): Room {
    const room = this.#taken.get(id);
    if (!room) throw new PipewrightError('WorkloadLost', `there is no container of ${id}`);
    return room;
  }

  /** Before this life's first container: all that are there are an earlier life's. */
  async #sweep(engine: Engine): Promise<void> {
    const left = await ownContainers(engine.client, this.#options.owner);
    for (const { container } of left) await removeContainer(engine.client, container);
    const images = new Map(left.flatMap(({ build, image }) => (build === '' ? [] : [[build, image] as const])));
    const ids = new Set([...images.keys(), ...readdirSync(this.#folder)]);
    for (const id of ids) await this.#rooms.remove(id, { engine, image: images.get(id) ?? '' });
    this.#swept = [...ids];
  }
}
