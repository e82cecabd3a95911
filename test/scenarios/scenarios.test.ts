import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ScenarioRun, type Scenario } from '../support/scenario.ts';

const root = join(import.meta.dirname, 'pipelines');

// A new scenario is written without its `expect`; UPDATE_SCENARIOS=1 fills it in, to be read before it is committed.
for (const name of readdirSync(root).toSorted()) {
  test(name.replace('.json', ''), async () => {
    const file = join(root, name);
    const scenario = JSON.parse(readFileSync(file, 'utf8')) as Scenario;
    const log = await new ScenarioRun(scenario).play();
    if (process.env.UPDATE_SCENARIOS === '1' && JSON.stringify(log) !== JSON.stringify(scenario.expect)) {
      writeFileSync(file, JSON.stringify({ ...scenario, expect: log }, null, 2) + '\n');
    } else expect(log).toEqual(scenario.expect);
  });
}
