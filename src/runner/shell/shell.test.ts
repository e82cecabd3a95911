import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProcessRuntime } from '../../runtimes/process/runtime.ts';
import { pidsWithEnvironment } from '../../runtimes/process/process-table.ts';
import type { ShellKind } from './driver.ts';
import { Shell } from './shell.ts';

let folder: string;
let runtime: ProcessRuntime;
let output: string;
let shell: Shell;

async function open(kind: ShellKind, env: Record<string, string> = {}): Promise<Shell> {
  const workspace = await runtime.prepare('b1');
  return new Shell({
    runtime,
    id: 'b1',
    kind,
    workspace,
    env,
    onOutput: (chunk) => (output += Buffer.from(chunk).toString()),
  });
}

/** Runs the commands one after the other; their statuses. */
async function run(...commands: string[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const command of commands) statuses.push(await shell.run(command));
  return statuses;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shell-'));
  runtime = new ProcessRuntime(folder);
  output = '';
});

afterEach(async () => {
  await shell.stop(0);
  await runtime.destroy('b1');
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['bash', 'sh'] as const)('%s', (kind) => {
  beforeEach(async () => void (shell = await open(kind, { GREETING: 'hello' })));

  it('keeps working directory, variables and functions from command to command', async () => {
    expect(await run('mkdir a && cd a', 'X=1', 'f() { echo "f says $X"; }', 'f; basename "$PWD"; echo $GREETING')).toEqual([0, 0, 0, 0]);
    expect(output).toBe('f says 1\na\nhello\n');
  });

  it('tells the status of each command and goes on after a failure', async () => {
    expect(await run('false', 'nosuchcommand', '(exit 7)', 'true')).toEqual([1, 127, 7, 0]);
    expect(output).toMatch(/script\.sh.*nosuchcommand/);
  });

  it('survives exit: the next command finds directory and exported variables again', async () => {
    expect(await run('mkdir d; cd d; export Y="a b"', 'exit 3', 'echo "$Y"; basename "$PWD"', 'exit 0', 'echo "$Y"')).toEqual([
      0, 3, 0, 0, 0,
    ]);
    expect(output).toBe('a b\nd\na b\n');
  });

  it('reports set -e and syntax errors as the failure of their command', async () => {
    const statuses = await run('set -e', 'false; echo never', 'if', 'echo "after"');
    expect(statuses.map((status) => status > 0)).toEqual([false, true, true, false]);
    expect(output).not.toContain('never');
    expect(output).toMatch(/after\n$/);
  });

  it('gives commands an empty standard input', async () => {
    expect(await run('cat', 'read -r line; echo "got:$line"')).toEqual([0, 0]);
    expect(output).toBe('got:\n');
  });

  it('does not wait for background processes that hold the output open', async () => {
    expect(await run('sleep 60 & echo started', 'echo next')).toEqual([0, 0]);
    expect(output).toBe('started\nnext\n');
  });

  it('keeps standard output and error in order, and lets programs open them by name', async () => {
    expect(await run('echo 1; echo 2 >&2; echo 3; echo 4 >&2', 'echo five > /dev/stdout; echo six | tee /dev/stderr')).toEqual([0, 0]);
    expect(output).toBe('1\n2\n3\n4\nfive\nsix\nsix\n');
  });

  it('runs blocks, here-documents and commands without a newline at the end', async () => {
    expect(await run('cat <<END\na: $GREETING\nEND', 'for i in 1 2; do\n  echo $i\ndone\n', 'printf partial')).toEqual([0, 0, 0]);
    expect(output).toBe('a: hello\n1\n2\npartial');
  });

  it('traces with set -x only what the build runs', async () => {
    await run('set -x', 'echo traced', 'set +x');
    expect(output).toContain('+ echo traced');
    expect(output).not.toContain('pipewright');
  });

  it('has delivered a large output when the command is done', async () => {
    expect(await run('head -c 3000000 /dev/zero | tr "\\0" x')).toEqual([0]);
    expect(output.length).toBe(3_000_000);
  });

  it('goes on after exec replaced it', async () => {
    expect(await run('exec sh -c "exit 5"', 'echo again')).toEqual([5, 0]);
    expect(output).toBe('again\n');
  });

  it('keeps its own descriptors and names from the commands', async () => {
    await run('env; ls /proc/self/fd 2>/dev/null');
    expect(output).not.toMatch(/__pipewright|\b19[789]\b/);
  });
});

describe('bash', () => {
  beforeEach(async () => void (shell = await open('bash')));

  it('keeps arrays, functions and unexported variables across an exit', async () => {
    expect(await run('a=(1 "two words"); f() { echo "f:$Z"; }; Z=9', 'exit 1', 'f; echo "${a[1]}"')).toEqual([0, 1, 0]);
    expect(output).toBe('f:9\ntwo words\n');
  });

  it('answers when it is stopped in the middle of a command, and leaves no process behind', async () => {
    const running = shell.run('(setsid sleep 300 & ) ; echo up; sleep 300');
    while (!output.includes('up')) await new Promise((resolve) => setImmediate(resolve));
    expect(pidsWithEnvironment(`PIPEWRIGHT_WORKSPACE=${folder}`).length).toBeGreaterThan(1);
    await shell.stop(1000);
    expect([137, 143]).toContain(await running);
    await runtime.destroy('b1');
    expect(pidsWithEnvironment(`PIPEWRIGHT_WORKSPACE=${folder}`)).toEqual([]);
    expect(existsSync(join(folder, 'builds', 'b1'))).toBe(false);
  });
});
