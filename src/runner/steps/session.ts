import { quote } from '../../kernel/shell-quote.ts';
import { clientError } from '../build/failure.ts';
import { githubFacts, runnerFacts, type GithubFacts } from './facts.ts';
import { isExportable } from './launch.ts';
import { Places } from './places.ts';
import type { StepResult } from './results.ts';
import type { StepBuild } from './step-build.ts';

type Env = Readonly<Record<string, string>>;

/** Names that steps may not set for others: GitHub's rule. */
const isReserved = (name: string): boolean => /^(GITHUB|RUNNER)_/i.test(name) && name !== 'GITHUB_TOKEN';

/** What the steps of a build's phases share. */
export class Session {
  readonly build: StepBuild;
  readonly places: Places;
  /** Of the phases' own steps, by id. */
  readonly results = new Map<string, StepResult>();
  #environment: Env = {};
  #set: Record<string, string> = {};
  #paths: readonly string[] = [];
  #facts: GithubFacts = {};
  #runner: Env = {};
  readonly #eventPath: string;

  constructor(build: StepBuild) {
    this.build = build;
    this.places = new Places(build.workspace);
    this.#eventPath = this.places.give('{}', '.json');
  }

  /** A phase begins: what the commands before it did to the environment counts. */
  async enter(phase: string): Promise<void> {
    const { job, revision, sourceDirectory: workspace, container } = this.build;
    if ((await this.build.execute(`(umask 022; ${this.places.preparation}) 2>/dev/null`)) !== 0)
      throw clientError('The folders of the steps could not be made');
    this.#environment = await this.#shellEnvironment();
    if (this.build.keepsVariables) this.#set = Object.fromEntries(Object.entries(this.#set).filter(([name]) => !isExportable(name)));
    const path = (this.#environment['PATH'] ?? '').split(':');
    this.#paths = this.#paths.filter((one) => !path.includes(one));
    const { GITHUB_TOKEN: token, RUNNER_TOOL_CACHE: cache } = this.#environment;
    if (token !== undefined) this.build.log.hide([token]);
    const { temp, toolCache } = this.places;
    this.#facts = githubFacts({ job, revision, workspace, token, eventPath: this.#eventPath, phase });
    this.#runner = { ...runnerFacts({ temp, toolCache: cache ?? toolCache }, container), ...(this.debugging && { debug: '1' }) };
  }

  get facts(): GithubFacts {
    return this.#facts;
  }

  get runner(): Env {
    return this.#runner;
  }

  get debugging(): boolean {
    const { RUNNER_DEBUG, ACTIONS_STEP_DEBUG } = this.environment;
    return RUNNER_DEBUG === '1' || ACTIONS_STEP_DEBUG === 'true';
  }

  /** What the build's commands and the steps so far have exported. */
  get environment(): Env {
    return { ...this.#environment, ...this.#set };
  }

  /** What a step's program has to be given beside what the shell has. */
  get additions(): Env {
    if (this.#paths.length === 0) return this.#set;
    return { ...this.#set, PATH: [...this.#paths, this.#environment['PATH'] ?? ''].join(':') };
  }

  /** For the steps to come, and the commands after them. */
  async export(variables: readonly (readonly [name: string, value: string])[]): Promise<void> {
    const allowed = variables.filter(([name]) => {
      const refused = isReserved(name) || name === 'NODE_OPTIONS';
      if (refused) this.build.log.agent(`${name} is not for steps to set`);
      return !refused;
    });
    if (allowed.length === 0) return;
    for (const [name, value] of allowed) this.#set[name] = value;
    const words = allowed.filter(([name]) => isExportable(name)).map(([name, value]) => `${name}=${quote(value)}`);
    if (words.length > 0) await this.build.execute(`export ${words.join(' ')} 2>/dev/null`);
  }

  /** In front of the PATH; the last one first. */
  async addPaths(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    const found = paths.toReversed();
    this.#paths = [...found, ...this.#paths];
    await this.build.execute(`export PATH=${found.map(quote).join(':')}:"$PATH"`);
  }

  async #shellEnvironment(): Promise<Env> {
    const text = await this.build.capture('env -0 || cat /proc/self/environ');
    const pairs = text.split('\0').filter((pair) => pair.includes('='));
    return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  }
}
