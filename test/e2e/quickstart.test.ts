import { execFileSync } from 'node:child_process';
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

it('prints commands that work as they stand: clone, change, push, watch, approve', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quickstart-'));
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  const sh = (script: string) => execFileSync('sh', ['-ec', script], { cwd: folder, env, stdio: 'pipe' }).toString();
  sh('git config --global user.name reader && git config --global user.email reader@localhost');
  const run = new ProgramRun(['quickstart', '--yes', '--keep', '--port', '0', '--data', join(folder, 'the data')]);
  try {
    await run.prints(/goes on until Ctrl-C/);
    const [, push, watch, approve, aws] =
      /^ {2}# change the site.*\n([^]*?git push)\n +(node .* watch .*)\n +(node .* approve .*)\n[^]*?(eval .*)$/m.exec(run.stdout)!;
    sh(push!);
    const watching = sh(
      `${watch} --no-logs >watched & watcher=$!; until ${approve} 2>/dev/null; do kill -0 $watcher; done; wait $watcher; cat watched`,
    );
    expect(watching).toMatch(
      /[0-9a-f]{8} Say hello\n[^]*It waits for an approval: node .* approve static-site --data '.*'\n[^]*Deploy\/Site: Succeeded/,
    );
    const [, site] = await run.prints(/^Deployed: (\S+)$/m);
    expect(await (await fetch(site!)).text()).toContain('Hello!');
    expect(sh(`${aws}; env`)).toContain(`AWS_ENDPOINT_URL=${new URL(site!).origin}\n`);
  } finally {
    await run.kill('SIGTERM');
    rmSync(folder, { recursive: true });
  }
});

it('ends at once, and leaves nothing behind, when it is interrupted', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'quickstart-'));
  const run = new ProgramRun(['quickstart', '--yes', '--port', '0'], { TMPDIR: temporary });
  await run.prints(/^Build\/Build: InProgress$/m);
  expect(await run.kill('SIGINT')).toEqual({ code: 130, signal: null });
  expect(run.stdout).not.toContain('Deployed');
  expect(run.stderr).toBe('Interrupted.\n');
  expect(readdirSync(temporary)).toEqual([]);
  rmSync(temporary, { recursive: true });
});
