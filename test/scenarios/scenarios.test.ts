import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Scenario } from '../support/scenario-file.ts';
import { ScenarioRun } from '../support/scenario.ts';

const root = join(import.meta.dirname, 'pipelines');

// A new scenario is written without its `expect` and `final`; UPDATE_SCENARIOS=1 fills them in, to be read before it is committed.
for (const name of readdirSync(root).toSorted()) {
  test(name.replace('.json', ''), async () => {
    const file = join(root, name);
    const scenario = JSON.parse(readFileSync(file, 'utf8')) as Scenario;
    const { expect: events, final } = await new ScenarioRun(scenario).play();
    const played = { expect: events, final };
    const said = { expect: scenario.expect, final: scenario.final };
    if (process.env.UPDATE_SCENARIOS === '1' && JSON.stringify(played) !== JSON.stringify(said)) {
      writeFileSync(file, JSON.stringify({ ...scenario, ...played }, null, 2) + '\n');
    } else expect(played).toEqual(said);
  });
}
