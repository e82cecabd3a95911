import fc from 'fast-check';
import { test } from 'vitest';
import { EnginePlay } from './engine-play.ts';
import { plan } from './engine-plan.ts';
test('stat', { timeout: 600000 }, async () => {
  const n: Record<string, number> = {};
  const add = (k: string) => (n[k] = (n[k] ?? 0) + 1);
  for (const p of fc.sample(plan, { numRuns: 400, seed: 5 })) {
    const c = await new EnginePlay(p, 'calm').play();
    if (c.engine.tied) add('tied');
    for (const i of c.scenario.inputs) add(`${i.do} ${i.refused ?? 'ok'}`);
    for (const l of c.scenario.expect)
      add(
        'event ' +
          l
            .split(' ')
            .slice(2)
            .filter((w) => /^(pipeline|stage|action|[A-Z]{5,})$/.test(w))
            .join(' '),
      );
    add((c.scenario.pipeline as any).mode);
    for (const r of c.engine.witness.executions.values()) {
      add('exec ' + r.mode + ' ' + r.status + (r.rollbackOf ? ' ' + r.trigger.type : ''));
    }
  }
  console.log(
    Object.entries(n)
      .sort()
      .map(([k, v]) => `${v} ${k}`)
      .join('\n'),
  );
});
