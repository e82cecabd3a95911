import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Build, StartBuildCommandInput } from '@aws-sdk/client-codebuild';
import { BuildServer } from './builds.ts';
import type { TestEngine } from './engines.ts';
import { BASH_IMAGE } from './engine-images.ts';

/** A server whose builds run in this engine's containers. Its settings are in the environment, for a server in a process of its own too. */
export class ContainerServer extends BuildServer {
  readonly home = mkdtempSync(join(tmpdir(), 'home-'));
  readonly #engine: TestEngine;

  constructor(engine: TestEngine) {
    super();
    this.#engine = engine;
  }

  /** Set them before it starts; one server of a test file at a time. */
  enter(more: Readonly<Record<string, string>> = {}): void {
    const settings = { DOCKER_HOST: this.#engine.host, DOCKER_CONFIG: this.home, PIPEWRIGHT_BUILD_RUNTIME: 'docker', ...more };
    for (const name of ['PIPEWRIGHT_BUILD_NETWORK', 'PIPEWRIGHT_WARM_CONTAINERS', 'PIPEWRIGHT_BUILD_IMAGES']) delete process.env[name];
    Object.assign(process.env, settings);
  }

  /** Runs the commands in BUILD. */
  inImage(commands: readonly string[], image = BASH_IMAGE, environment: object = {}): Promise<Build> {
    return this.run(buildspec(commands), {}, this.#environment(image, environment));
  }

  async beginInImage(commands: readonly string[], image = BASH_IMAGE, input: Partial<StartBuildCommandInput> = {}): Promise<string> {
    return (await this.begin(await this.project(buildspec(commands), this.#environment(image, {})), input)).id!;
  }

  /** The build once its log holds the text. */
  says(id: string, text: string): Promise<Build> {
    let log = '';
    return this.until(id, (build) => {
      if (build.logs?.streamName)
        void this.log(build).then(
          (read) => (log = read),
          () => undefined,
        );
      return log.includes(text);
    });
  }

  /** Once the engine has no container any more. */
  async emptied(): Promise<void> {
    while ((await this.#engine.containers()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  override async end(): Promise<void> {
    await super.end();
    rmSync(this.home, { recursive: true });
  }

  #environment(image: string, more: object) {
    return { environment: { type: 'LINUX_CONTAINER' as const, image, computeType: 'BUILD_GENERAL1_SMALL' as const, ...more } };
  }
}

const buildspec = (commands: readonly string[]): string => JSON.stringify({ version: '0.2', phases: { build: { commands } } });

export const failureOf = (build: Build) =>
  build.phases!.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED');
