import type { JsonObject } from '../../src/kernel/json.ts';

interface Story {
  /** STARTED or RESUMED while it goes on; else how it ended. */
  state: string;
  stage: string | undefined;
  /** It was taken up again and nothing has happened in it since: it may still be skipped, which nobody is told of. */
  idle: boolean;
  readonly ended: Map<string, string>;
  readonly running: Set<string>;
}

const GOES_ON = new Set(['STARTED', 'RESUMED', 'STOPPING']);
const CAN_RESUME = new Set(['FAILED', 'STOPPED']);

/**
 * Reads a pipeline's public events in their order and throws where they make no sense: an end without a start, two ends, a stage
 * outside of its execution, an action outside of its stage.
 */
export class EventGrammar {
  readonly #stories = new Map<string, Story>();
  /** The last state of every action's run, by its id. */
  readonly actions = new Map<string, string>();

  /** The last state of every execution, by its id. */
  get executions(): ReadonlyMap<string, string> {
    return new Map([...this.#stories].map(([id, { state }]) => [id, state]));
  }

  take(detail: JsonObject): void {
    const { stage, action, state, 'execution-id': id } = detail as Readonly<Record<string, string>>;
    if (action !== undefined) return this.#action(this.#story(id!), detail);
    if (stage !== undefined) return this.#stage(this.#story(id!), stage, state!);
    return this.#pipeline(id!, state!);
  }

  #story(id: string): Story {
    const story = this.#stories.get(id);
    if (!story) throw new Error(`${id} has not started`);
    if (!GOES_ON.has(story.state)) throw new Error(`${id} goes on after it has ended as ${story.state}`);
    return story;
  }

  #pipeline(id: string, state: string): void {
    const story = this.#stories.get(id);
    if (!story) {
      if (state !== 'STARTED') throw new Error(`${id} begins with ${state}`);
      this.#stories.set(id, { state, stage: undefined, idle: false, ended: new Map(), running: new Set() });
      return;
    }
    if (state === 'STARTED') throw new Error(`${id} starts twice`);
    if (!GOES_ON.has(story.state) && !(state === 'RESUMED' && CAN_RESUME.has(story.state)))
      throw new Error(`${id} is ${state} after ${story.state}`);
    if (!GOES_ON.has(state)) this.#nothingOpen(story, `the pipeline is ${state}`);
    story.state = state;
  }

  #nothingOpen(story: Story, why: string): void {
    if (story.running.size > 0) throw new Error(`${why}, and actions still run`);
    if (story.stage !== undefined && !story.idle) throw new Error(`${why}, and the stage ${story.stage} has not ended`);
    story.stage = undefined;
  }

  #stage(story: Story, stage: string, state: string): void {
    switch (state) {
      case 'STARTED':
        this.#nothingOpen(story, `${stage} starts`);
        if (story.ended.has(stage)) throw new Error(`${stage} starts twice`);
        Object.assign(story, { stage, idle: false });
        return;
      case 'RESUMED':
        if (story.stage !== stage && !story.ended.has(stage)) throw new Error(`${stage} is taken up before it was entered`);
        if (story.stage !== stage) this.#nothingOpen(story, `${stage} is taken up`);
        Object.assign(story, { stage, idle: true });
        return;
      case 'STOPPING':
        if (story.stage !== stage) throw new Error(`${stage} stops, the execution is in ${story.stage}`);
        return;
      default:
        if (story.stage !== stage) throw new Error(`${stage} ends as ${state}, the execution is in ${story.stage}`);
        story.ended.set(stage, state);
        story.idle = true;
        this.#nothingOpen(story, `${stage} is ${state}`);
    }
  }

  #action(story: Story, detail: JsonObject): void {
    const { stage, state, 'action-execution-id': run } = detail as Readonly<Record<string, string>>;
    if (run === undefined || state === undefined) throw new Error(`an action without id or state in ${stage}`);
    if (story.stage !== stage) throw new Error(`an action of ${stage} is ${state}, the execution is in ${story.stage}`);
    if (state === 'STARTED') {
      if (this.actions.has(run)) throw new Error(`the run ${run} starts twice`);
      story.running.add(run);
      story.idle = false;
    } else if (!story.running.delete(run)) throw new Error(`the run ${run} is ${state}, and does not run`);
    this.actions.set(run, state);
  }
}
