/**
 * Events a second through the rule index (parse and match, as an event-routing library is fed), at 1 to 1,000 rules; beside the
 * floor, JSON.parse alone of the same events in the same run. The goal is 0.6 × the floor at 1,000 rules.
 * Run: node tools/run.mjs bench/event-patterns.ts
 */
import { parsePattern } from '../src/kernel/patterns/parse.ts';
import { RuleIndex } from '../src/kernel/patterns/rule-index.ts';

const EVENTS = 2_000;
const ROUNDS = 15;
/** Until the compiler has seen enough. */
const WARM_UP = 10;
const SOURCES = ['codepipeline', 'codebuild', 'codecommit', 's3', 'ecr', 'ecs', 'codedeploy', 'ec2', 'sns', 'lambda'] as const;
const STATES = ['STARTED', 'SUCCEEDED', 'FAILED', 'STOPPED', 'SUPERSEDED'] as const;

/** Rules as accounts have them: most name a resource, some a state only, some a beginning, a range or an exclusion. */
function rule(n: number): object {
  const source = `aws.${SOURCES[n % SOURCES.length]!}`;
  const detailType = [`Execution State Change ${n % 4}`];
  const base = { source: [source], 'detail-type': detailType };
  switch (n % 8) {
    case 0:
      return { ...base, detail: { state: [STATES[n % 5], STATES[(n + 1) % 5]], pipeline: [`pipeline-${n}`] } };
    case 1:
      return { ...base, resources: [`arn:aws:${source}:us-east-1:123456789012:resource-${n}`] };
    case 2:
      return { source: [source], detail: { object: { key: [{ prefix: `folder-${n}/` }] } } };
    case 3:
      return { ...base, detail: { pipeline: [`pipeline-${n}`, `pipeline-${n + 1}`], version: [{ numeric: ['>', n % 7] }] } };
    case 4:
      return {
        source: [source],
        detail: { pipeline: [{ 'anything-but': { prefix: 'pipeline-' } }], object: { size: [{ exists: true }] } },
      };
    case 5:
      return { ...base, detail: { $or: [{ state: ['FAILED'] }, { version: [{ numeric: ['>=', 5] }] }], pipeline: [`pipeline-${n}`] } };
    case 6:
      return { source: [source], detail: { pipeline: [`pipeline-${n}`], state: ['FAILED'] } };
    default:
      return { ...base, resources: [{ prefix: `arn:aws:${source}:us-east-1:123456789012:team-${n}-` }] };
  }
}

function event(n: number): string {
  const source = `aws.${SOURCES[n % SOURCES.length]!}`;
  const body = {
    version: '0',
    id: `01234567-0123-4012-8012-${String(n).padStart(12, '0')}`,
    'detail-type': `Execution State Change ${n % 4}`,
    source,
    account: '123456789012',
    time: '2026-01-01T12:00:00Z',
    region: 'us-east-1',
    resources: [`arn:aws:${source}:us-east-1:123456789012:resource-${n % 1000}`],
    detail: {
      pipeline: `pipeline-${n % 1000}`,
      'execution-id': `89abcdef-0123-4012-8012-${String(n).padStart(12, '0')}`,
      state: STATES[n % 5],
      version: n % 9,
      padding: '',
    },
  };
  body.detail.padding = 'x'.repeat(Math.max(0, 515 - JSON.stringify(body).length));
  return JSON.stringify(body);
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

function perSecond(texts: readonly string[], work: (text: string) => void): number {
  const start = performance.now();
  for (const text of texts) work(text);
  return (texts.length * 1000) / (performance.now() - start);
}

function main(): void {
  const texts = Array.from({ length: EVENTS }, (_, n) => event(n * 7));
  const parsed = texts.map((text) => JSON.parse(text) as object);
  process.stdout.write(`${texts[0]!.length}-byte events; medians of ${ROUNDS} rounds of ${EVENTS}\n`);
  for (const count of [1, 10, 100, 1000]) {
    const index = new RuleIndex(Array.from({ length: count }, (_, n) => [n, parsePattern(JSON.stringify(rule(n)))] as const));
    let found = 0;
    const floors: number[] = [];
    const full: number[] = [];
    const alone: number[] = [];
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const floor = perSecond(texts, (text) => void JSON.parse(text));
      const both = perSecond(texts, (text) => void (found += index.match(JSON.parse(text) as object).length));
      const start = performance.now();
      for (const one of parsed) found += index.match(one).length;
      if (round < 0) continue;
      floors.push(floor);
      full.push(both);
      alone.push((parsed.length * 1000) / (performance.now() - start));
    }
    const line = [
      `${String(count).padStart(5)} rules`,
      `JSON.parse ${Math.round(median(floors) / 1000)}k/s`,
      `parse and match ${Math.round(median(full) / 1000)}k/s = ${(median(full) / median(floors)).toFixed(2)} × JSON.parse`,
      `match alone ${Math.round(median(alone) / 1000)}k/s`,
      `${found} matches`,
    ];
    process.stdout.write(`${line.join(', ')}\n`);
  }
}

main();
