import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildServer, outputOf } from '../support/builds.ts';

// Its builds use version managers in folders of the test, which no isolated build sees.
process.env['PIPEWRIGHT_BUILD_ISOLATION'] = 'off';

const world = new BuildServer();
const tools = mkdtempSync(join(tmpdir(), 'tools-'));
const running = process.versions.node;

function program(path: string, script: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

beforeAll(async () => {
  chmodSync(tools, 0o755);
  for (const version of ['4.1.0', '4.10.2', '5.0.0']) program(join(tools, `nvm/versions/node/v${version}/bin/node`), `echo v${version}`);
  program(join(tools, 'sdkman/candidates/java/77.0.1-tem/bin/java'), 'echo "java 77"');
  await world.start();
});
afterAll(async () => {
  await world.end();
  rmSync(tools, { recursive: true });
});

async function asking(versions: object, commands: readonly string[], variables: Record<string, string> = {}) {
  const install = { 'runtime-versions': versions, commands };
  const spec = JSON.stringify({ version: '0.2', env: { variables }, phases: { install } });
  const build = await world.run(spec);
  const log = await world.log(build);
  return { status: build.buildStatus, output: outputOf(log), log, build };
}

describe('runtime-versions on the host', () => {
  it('takes what is called by its name', async () => {
    for (const version of [running, running.split('.')[0], `${running.split('.')[0]}.x`, 'latest']) {
      const { log, output } = await asking({ nodejs: version }, ['node --version'], { NVM_DIR: join(tools, 'nvm') });
      expect(log).toContain(`Selecting 'nodejs' runtime version '${version}': ${running} is on the PATH`);
      expect(output).toBe(`v${running}\n`);
    }
  });

  it('puts the newest that a version manager has in front, for the phases after it, too', async () => {
    const { output } = await asking({ nodejs: 4 }, ['node --version'], { NVM_DIR: join(tools, 'nvm') });
    expect(output).toBe('v4.10.2\n');
    const java = await asking({ java: 'corretto77' }, ['java; basename "$JAVA_HOME"'], { SDKMAN_DIR: join(tools, 'sdkman') });
    expect(java.output).toBe('java 77\n77.0.1-tem\n');
  });

  it('asks an executable of the user first', async () => {
    const hook = program(join(tools, 'hook'), `[ "$2" = 99 ] && echo looked && echo '${join(tools, 'nvm/versions/node/v5.0.0/bin')}'`);
    const given = { PIPEWRIGHT_RUNTIME_HOOK: hook };
    expect((await asking({ nodejs: '99' }, ['node --version'], given)).output).toBe('v5.0.0\n');
    expect((await asking({ nodejs: running }, ['node --version'], given)).output).toBe(`v${running}\n`);
  });

  it('goes on with what is there and says so, unless it is told to be strict', async () => {
    const versions = { nodejs: '3', cobol: '85' };
    const lenient = await asking(versions, ['echo went on'], { NVM_DIR: join(tools, 'nvm') });
    expect(lenient.output).toBe('went on\n');
    expect(lenient.log).toContain(`asks for nodejs 3. This machine has the following versions: ${running}, `);
    expect(lenient.log).toMatch(/versions: .*v5\.0\.0, v4\.10\.2, v4\.1\.0/);
    expect(lenient.log).toContain('asks for cobol 85. This machine has no cobol.');
    const strict = await asking(versions, ['echo never'], { PIPEWRIGHT_RUNTIME_VERSIONS: 'strict' });
    expect(strict.status).toBe('FAILED');
    expect(strict.build.phases!.find(({ phaseType }) => phaseType === 'DOWNLOAD_SOURCE')!.contexts![0]).toMatchObject({
      statusCode: 'YAML_FILE_ERROR',
      message: expect.stringContaining("Unknown runtime version named '3' of nodejs.") as string,
    });
  });
});
