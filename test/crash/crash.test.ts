import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Faults } from '../../src/kernel/fault.ts';
import type { Scenario } from '../support/scenario-file.ts';
import { ScenarioRun } from '../support/scenario.ts';

/** Kills the shell at the n-th fault point that is passed. */
class KillAt implements Faults {
  readonly #at: number;
  readonly passed: string[] = [];

  constructor(at: number) {
    this.#at = at;
  }

  hit(point: string): void {
    this.passed.push(point);
    if (this.passed.length === this.#at) throw new Error(`killed at ${point}`);
  }
}

const root = join(import.meta.dirname, '../scenarios/pipelines');

// Every fault point of every scenario: a scenario passes some dozens of them; each run kills the shell at the next one.
describe.each(readdirSync(root).toSorted())('%s', (name) => {
  const scenario = JSON.parse(readFileSync(join(root, name), 'utf8')) as Scenario;

  test('killed anywhere, ends in the same event log', async () => {
    for (let at = 1; ; at++) {
      const faults = new KillAt(at);
      const run = new ScenarioRun(scenario, faults);
      const played = await run.play();
      const { expect: events, final } = scenario;
      expect(played, `killed at point ${at}, ${faults.passed[at - 1]}`).toEqual({ expect: events, final });
      if (run.crashes === 0) break;
    }
  });
});
