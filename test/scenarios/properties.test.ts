import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Faults } from '../../src/kernel/fault.ts';
import { examine } from '../support/engine-history.ts';
import { EnginePlay } from '../support/engine-play.ts';
import { plan, type Plan } from '../support/engine-plan.ts';
import { ScenarioRun } from '../support/scenario.ts';

/** The same plans in every run, unless somebody wants others (PROPERTY_SEED) or more of them (PROPERTY_TIMES). */
const seed = Number(process.env.PROPERTY_SEED ?? '20260101');
const times = Number(process.env.PROPERTY_TIMES ?? '1');

/** A failure that takes too long to be made small is shown as it is. */
function options(numRuns: number) {
  return { seed, numRuns: numRuns * times, interruptAfterTimeLimit: 270_000 * times, markInterruptAsFailure: true };
}

/** Within one second the order of what different executions do is chance. */
function bySecond(lines: readonly string[]): readonly string[] {
  return lines.toSorted((a, b) => Number.parseFloat(a) - Number.parseFloat(b) || (a < b ? -1 : 1));
}

test(
  'whatever happens, the rules of the engine hold, every execution comes to its end, and chance changes nothing',
  { timeout: 300_000 * times },
  async () => {
    const holds = async (any: Plan): Promise<void> => {
      const calm = new EnginePlay(any, 'calm');
      const wild = new EnginePlay(any, 'wild');
      const [first, second] = [await calm.play(), await wild.play()];
      if (!first.engine.tied) {
        expect(bySecond(second.scenario.expect), JSON.stringify(first.scenario)).toEqual(bySecond(first.scenario.expect));
        expect(second.scenario.inputs).toEqual(first.scenario.inputs);
      }
      expect(JSON.stringify(second.engine.rebuilt())).toBe(JSON.stringify(second.engine.state));
      await wild.finish();
    };
    await fc.assert(fc.asyncProperty(plan, holds), options(150));
  },
);

/** Kills the shell whenever that many more fault points have been passed. */
class KillAfter implements Faults {
  readonly #gaps: number[];

  constructor(gaps: readonly number[]) {
    this.#gaps = [...gaps];
  }

  hit(point: string): void {
    if (this.#gaps.length === 0) return;
    this.#gaps[0]! -= 1;
    if (this.#gaps[0]! > 0) return;
    this.#gaps.shift();
    throw new Error(`killed at ${point}`);
  }
}

test('a shell that is killed anywhere, again and again, does what the rules say', { timeout: 300_000 * times }, async () => {
  const holds = async (any: Plan, gaps: readonly number[]): Promise<void> => {
    const { scenario, engine } = await new EnginePlay(any, 'calm').play();
    fc.pre(!engine.tied);
    const run = new ScenarioRun({ ...scenario, final: [] }, new KillAfter(gaps));
    const played = await run.play(examine).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(scenario)}`, { cause: error });
    });
    expect(bySecond(played.expect), JSON.stringify(scenario)).toEqual(bySecond(scenario.expect));
  };
  const gaps = fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 8, size: 'max' });
  await fc.assert(fc.asyncProperty(plan, gaps, holds), options(50));
});
