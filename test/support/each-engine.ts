import { messageOf } from '../../src/kernel/errors.ts';
import { afterAll, describe } from 'vitest';
import { engineMissing, TestEngine, type EngineName } from './engines.ts';

async function tryStart(name: EngineName): Promise<TestEngine | string> {
  const missing = engineMissing(name);
  if (missing !== undefined) return missing;
  try {
    return await TestEngine.start(name);
  } catch (error) {
    return messageOf(error);
  }
}

/** Runs the tests against Docker and against Podman; where one cannot be started, they are skipped and the reason is printed. */
export async function eachEngine(tests: (engine: TestEngine) => void): Promise<void> {
  for (const name of ['docker', 'podman'] as const) {
    const engine = await tryStart(name);
    if (typeof engine === 'string') {
      console.log(`tests with ${name} are skipped: ${engine}`);
      describe.skip(name);
      continue;
    }
    describe(name, () => {
      afterAll(() => engine.end());
      tests(engine);
    });
  }
}
