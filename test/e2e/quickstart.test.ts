import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pipewright, ProgramRun } from '../support/server.ts';

/** npm, which the example's build calls, lies beside node on the same PATH. */
it('goes from nothing to a deployed site, says where it is, and leaves nothing behind', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'quickstart-'));
  const { code, stdout, stderr } = await pipewright(['quickstart', '--yes', '--port', '0'], { TMPDIR: temporary });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const action of ['Source/Checkout', 'Build/Build', 'Approve/Review', 'Deploy/Site'])
    expect(stdout).toContain(`\n${action}: Succeeded in `);
  expect(stdout).toMatch(/^Deployed: http:\/\/127\.0\.0\.1:\d+\/_website\/static-site\/$/m);
  // The server has ended with the command: there is nothing to try on it.
  expect(stdout).not.toContain('What to try next');
  expect(stdout).toContain(' quickstart --keep');
  expect(readdirSync(temporary)).toEqual([]);
  rmSync(temporary, { recursive: true });
});

it('keeps serving with --keep, is content with what an earlier run left, and ends at SIGTERM', async () => {
  const data = mkdtempSync(join(tmpdir(), 'quickstart-'));
  try {
    for (const round of [1, 2]) {
      const run = new ProgramRun(['quickstart', '--yes', '--keep', '--port', '0', '--data', data]);
      try {
        const [, site] = await run.prints(/^Deployed: (\S+)$/m);
        await run.prints(/goes on until Ctrl-C/);
        const page = await fetch(site!);
        expect({ round, status: page.status }).toEqual({ round, status: 200 });
        expect(await page.text()).toContain('<html');
        expect(run.stdout).toMatch(new RegExp(`eval "\\$\\(node \\S+pipewright\\.js env --data ${data}\\)"`));
        expect(await run.kill('SIGTERM')).toEqual({ code: 0, signal: null });
      } finally {
        run.child.kill('SIGTERM');
        await run.exit;
      }
    }
  } finally {
    rmSync(data, { recursive: true });
  }
});

it('does not guess at an approval when nobody is there to be asked', async () => {
  const { code, stderr } = await pipewright(['quickstart', '--port', '0']);
  expect(code).toBe(2);
  expect(stderr).toContain('use --yes');
});
