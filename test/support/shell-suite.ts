import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runtime, Workspace } from '../../src/runtimes/runtime.ts';
import type { ShellKind } from '../../src/runner/shell/driver.ts';
import { Shell } from '../../src/runner/shell/shell.ts';

/** Where the shells of the suite run: a runtime with the workspace of workload `b1`. */
export interface ShellPlace {
  readonly runtime: Runtime;
  readonly workspace: Workspace;
  /** Ends the workload. */
  leave(): Promise<void>;
}

/** What a build's shell promises, wherever it runs. */
export function shellSuite(kinds: readonly ShellKind[], enter: (kind: ShellKind) => Promise<ShellPlace>): void {
  let place: ShellPlace;
  let output: string;
  let shell: Shell;

  async function open(kind: ShellKind, env: Record<string, string> = {}): Promise<Shell> {
    place = await enter(kind);
    const { runtime, workspace } = place;
    output = '';
    return new Shell({ runtime, id: 'b1', kind, workspace, env, onOutput: (chunk) => (output += Buffer.from(chunk).toString()) });
  }

  /** Runs the commands one after the other; their statuses. */
  async function run(...commands: string[]): Promise<number[]> {
    const statuses: number[] = [];
    for (const command of commands) statuses.push(await shell.run(command));
    return statuses;
  }

  afterEach(async () => {
    await shell.stop(0);
    await place.leave();
  });

  describe.each(kinds)('%s', (kind) => {
    beforeEach(async () => void (shell = await open(kind, { GREETING: 'hello' })));

    it('starts anew from a checkpoint, as often as it is told to', async () => {
      await run('mkdir -p a/b && cd a && export X=1');
      const start = await shell.checkpoint('here');
      for (const end of ['true', 'exit 3']) {
        await run('cd b; export X=$((X + 1)) Y=new', 'echo "$X ${PWD##*/} $Y"', end);
        await shell.restore(start);
      }
      expect(await run('echo "$X ${PWD##*/} ${Y-unset}"')).toEqual([0]);
      expect(output).toBe('2 b new\n2 b new\n1 a unset\n');
    });

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

  describe.runIf(kinds.includes('bash'))('bash alone', () => {
    beforeEach(async () => void (shell = await open('bash')));

    it('keeps arrays, functions and unexported variables across an exit', async () => {
      expect(await run('a=(1 "two words"); f() { echo "f:$Z"; }; Z=9', 'exit 1', 'f; echo "${a[1]}"')).toEqual([0, 1, 0]);
      expect(output).toBe('f:9\ntwo words\n');
    });

    it('sees variables with names that no shell can say, and those that it sets itself', async () => {
      await shell.stop(0);
      await place.leave();
      shell = await open('bash', { 'with.dot': "it's", UID: '7', PLAIN: 'line 1\nline 2' });
      expect(await run('env | grep -c "^with.dot=it\'s$"; echo "$PLAIN"')).toEqual([0]);
      expect(output).toBe('1\nline 1\nline 2\n');
    });
  });
}
