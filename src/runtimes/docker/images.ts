import { messageOf, PipewrightError } from '../../kernel/errors.ts';
import type { EngineClient } from './engine/client.ts';
import { EngineUnreachable, isMissing } from './engine/errors.ts';
import { parseImage } from './image-names.ts';
import { loginFor, registryAuth, type LoginEnv } from './logins.ts';
import type { Place, RegistryLogin } from '../runtime.ts';
import { PullProgress } from './pull-progress.ts';

type Tell = (line: string) => void;

interface Pull {
  readonly tells: Set<Tell>;
  readonly done: Promise<void>;
}

const unavailable = (image: string, why: string): Error => new PipewrightError('ImageUnavailable', `Unable to pull ${image}: ${why}`);

const isTold = (error: unknown): boolean =>
  error instanceof PipewrightError && ['EngineUnreachable', 'ImageUnavailable'].includes(error.code);
/** Nothing that would lead the path of a request elsewhere. */
const NAME = /^\w[\w.\-/:@]*$/;

/** The images that builds run in: each is pulled once where it is not there, however many builds wait for it. */
export class Images {
  readonly #env: LoginEnv;
  readonly #pulls = new Map<string, Pull>();

  constructor(env: LoginEnv) {
    this.#env = env;
  }

  /** The engine's id of the image. Rejects (ImageUnavailable) with the registry's reason; the pull goes on when the signal aborts. */
  async ensure(client: EngineClient, image: string, { tell, signal, login }: Pick<Place, 'tell' | 'signal' | 'login'>): Promise<string> {
    if (!NAME.test(image) || image.includes('..')) throw unavailable(image, 'invalid reference format');
    const known = await this.#idOf(client, image);
    if (known !== undefined) return known;
    tell(`Pulling image ${image}`);
    const pull = this.#begin(client, image, login);
    pull.tells.add(tell);
    try {
      await Promise.race([pull.done, aborted(signal)]);
    } finally {
      pull.tells.delete(tell);
    }
    const id = await this.#idOf(client, image);
    if (id === undefined) throw unavailable(image, 'the engine pulled it and does not have it');
    return id;
  }

  async #idOf(client: EngineClient, image: string): Promise<string | undefined> {
    try {
      return (await client.json<{ Id: string }>('GET', `/images/${image}/json`)).Id;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error instanceof EngineUnreachable ? error : unavailable(image, messageOf(error));
    }
  }

  /** One pull for all who may pull alike. */
  #begin(client: EngineClient, image: string, login: RegistryLogin | undefined): Pull {
    const key = JSON.stringify([image, login]);
    const under = this.#pulls.get(key);
    if (under) return under;
    const tells = new Set<Tell>();
    const done = this.#pull(client, image, { tell: (line) => tells.forEach((tell) => tell(line)), login }).finally(() =>
      this.#pulls.delete(key),
    );
    done.catch(() => undefined);
    const pull = { tells, done };
    this.#pulls.set(key, pull);
    return pull;
  }

  async #pull(
    client: EngineClient,
    image: string,
    { tell, login }: { readonly tell: Tell; readonly login: RegistryLogin | undefined },
  ): Promise<void> {
    const { registry, repository, version } = parseImage(image);
    const headers = registryAuth(registry, login ?? (await loginFor(registry, this.#env)));
    const progress = new PullProgress(tell, Date.now);
    const query = new URLSearchParams({ fromImage: repository, tag: version }).toString();
    try {
      for await (const event of client.lines('POST', `/images/create?${query}`, { headers })) {
        if (typeof event['error'] === 'string') throw unavailable(image, event['error']);
        progress.event(event);
      }
    } catch (error) {
      throw isTold(error) ? error : unavailable(image, messageOf(error));
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new PipewrightError('Interrupted', 'no longer wanted'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
