import type { EngineEnv } from './engine/address.ts';
import { findEngine, type Engine } from './engine/find.ts';

/** The engine as long as it answers; looked for anew when it does not. */
export class Finder {
  readonly #env: EngineEnv;
  /** Done once, before anything else is asked of an engine. */
  readonly #first: (engine: Engine) => Promise<void>;
  #engine: Promise<Engine> | undefined;
  #greeted: Promise<void> | undefined;

  constructor(env: EngineEnv, first: (engine: Engine) => Promise<void>) {
    this.#env = env;
    this.#first = first;
  }

  /** Rejects (EngineUnreachable) with where was looked in vain. */
  async engine(): Promise<Engine> {
    const known = this.#engine;
    const looked = known ? known.then((engine) => this.#still(engine)) : findEngine(this.#env);
    const engine = (this.#engine = looked);
    engine.catch(() => this.#engine === engine && (this.#engine = undefined));
    const found = await engine;
    await (this.#greeted ??= this.#greet(found));
    return found;
  }

  async #still(engine: Engine): Promise<Engine> {
    try {
      await engine.client.ping();
      return engine;
    } catch {
      // Restarted elsewhere, perhaps, or upgraded: a new look tells why there is none.
      return findEngine(this.#env);
    }
  }

  async #greet(engine: Engine): Promise<void> {
    try {
      await this.#first(engine);
    } catch (error) {
      this.#greeted = undefined;
      throw error;
    }
  }
}
