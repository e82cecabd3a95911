import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { build, failureOf, StepWorld } from './testing/step-world.ts';

let world: StepWorld;
beforeEach(() => {
  world = new StepWorld();
});
afterEach(() => world.end());
const run: StepWorld['run'] = (buildspec, given) => world.run(buildspec, given);

describe('steps of a phase', () => {
  it('run one after the other, each in a shell of its own', async () => {
    const ran = await run(build('- run: |\n    cd /\n    X=lost\n- run: echo "${X:-none} $(basename "$PWD") $GITHUB_ACTIONS"\n'));
    expect(ran.output).toBe('none src true\n');
    expect(ran.status).toBe('SUCCEEDED');
  });

  it('fail the phase with AWS’s context, and leave out those after them', async () => {
    const ran = await run(build('- name: Bad\n  run: exit 3\n- run: echo never\n- if: failure()\n  run: echo afterwards\n'));
    expect(ran.output).toBe('afterwards\n');
    expect(failureOf(ran)).toEqual({
      statusCode: 'COMMAND_EXECUTION_ERROR',
      message: 'Error while executing step: Bad. Reason: exit status 3',
    });
  });

  it('hand variables, outputs and paths on to later steps, phases and exported variables', async () => {
    const ran = await run(
      build(
        `- id: a
  run: |
    echo "SET=of a step" >> "$GITHUB_ENV"
    printf 'LINES<<END\\n1\\n2\\nEND\\n' >> "$GITHUB_ENV"
    echo "word=hello" >> "$GITHUB_OUTPUT"
    mkdir -p "$RUNNER_TEMP/bin"; printf '#!/bin/sh\\necho tool' > "$RUNNER_TEMP/bin/tool"; chmod +x "$RUNNER_TEMP/bin/tool"
    echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
    echo "::set-output name=old::way%0Aof it"
- run: 'echo "$SET \${{ env.SET }} \${{ steps.a.outputs.word }} $(tool)"'
- if: steps.a.outputs.old == format('way{0}of it', fromJSON('"\\n"')) && steps.a.outcome == 'success'
  run: echo so it is
`,
        `  post_build:
    commands: ['echo "$LINES"; tool', 'export SET="$SET, changed"']
    finally: [echo finally]
env:
  exported-variables: [SET]
`,
      ),
    );
    expect(ran.output).toBe('of a step of a step hello tool\nso it is\n1\n2\ntool\nfinally\n');
    expect(ran.exported).toEqual([{ name: 'SET', value: 'of a step, changed' }]);
  });

  it('are tried again as on-failure says, from where the phase began', async () => {
    const ran = await run(
      `version: 0.2
phases:
  build:
    on-failure: RETRY-2-not yet
    steps:
      - {run: 'echo "before: \${{ steps.b.outputs.n }}$COUNT."'}
      - id: b
        run: |
          echo x >> tries; echo "n=$(wc -l < tries)" >> "$GITHUB_OUTPUT"; echo COUNT=set >> "$GITHUB_ENV"
          test $(wc -l < tries) = 2 || { echo not yet; exit 1; }
      - {run: 'echo "after \${{ steps.b.outputs.n }}"'}
`,
    );
    expect(ran.output).toBe('before: .\nnot yet\nbefore: .\nafter 2\n');
    expect(ran.status).toBe('SUCCEEDED');
  });

  it('in version 0.1 hand on to each other what no shell keeps', async () => {
    const steps = ['echo A=a >> "$GITHUB_ENV"; echo /x/y >> "$GITHUB_PATH"', 'echo "$A ${PATH%%:*}"'].map((command) => ({ run: command }));
    const ran = await run(JSON.stringify({ version: '0.1', phases: { build: { steps }, post_build: { steps: [{ run: 'echo "$A"' }] } } }));
    expect(ran.output).toBe('a /x/y\na\n');
  });

  it('know a token only where they are given one, and do not show it', async () => {
    const steps = build('- run: echo "${{ github.token }} ${{ secrets.GITHUB_TOKEN }}|$GITHUB_TOKEN"\n');
    expect((await run(steps)).output).toBe(' |\n');
    const given = await run(steps, { job: { variables: [{ name: 'GITHUB_TOKEN', value: 'a token of mine' }] } });
    expect(given.output).toBe('*** ***|***\n');
  });

  it('do not get the runner out of breath', async () => {
    const ran = await run(build('- {name: Loud, run: "for i in $(seq 2000); do echo ::add-mask::word-$i-word; echo shown; done"}\n'));
    expect(failureOf(ran)!.message).toContain('more than 500 values are to be masked');
    const many = await run(build(`- {name: Many, run: "yes \\"::set-output name=x::$(seq -s, 20000)\\" | head -n 300"}\n`));
    expect(failureOf(many)!.message).toContain('its outputs are too long');
  });

  it('see what the commands before them exported', async () => {
    const ran = await run(
      `version: 0.2
env: {variables: {GIVEN: g}}
phases:
  install: {commands: [export FOUND=f, mkdir sub, cd sub]}
  build: {steps: [{run: 'echo \${{ env.FOUND }} $FOUND \${{ env.GIVEN }} $(basename $PWD)', env: {FOUND: "\${{ env.FOUND }}+"}}]}
`,
    );
    expect(ran.output).toBe('f+ f+ g src\n');
  });

  it('go on after a failure where they say so', async () => {
    const ran = await run(
      build(
        `- {id: bad, run: exit 1, continue-on-error: true}
- {run: 'echo \${{ steps.bad.outcome }} \${{ steps.bad.conclusion }} \${{ job.status }}'}
- {id: skipped, if: false, run: echo never}
- {run: 'echo \${{ steps.skipped.outcome }}'}
`,
      ),
    );
    expect(ran.output).toBe('failure success success\nskipped\n');
    expect(ran.status).toBe('SUCCEEDED');
  });

  it('keep what add-mask names out of the log, and obey no other commands meanwhile when told to', async () => {
    const ran = await run(
      build(
        `- run: |
    echo "::add-mask::hunter22"
    echo "password hunter22"
    echo "::group::Inside"
    echo "::debug::not shown"
    echo "::error file=a.c,line=3::broken%0Athing"
    echo "::stop-commands::pause"
    echo "::warning::as it is"
    echo "::pause::"
    echo "  ::warning::seen"
    echo "::endgroup::"
    printf 'no newline'
- run: 'echo again hunter22; echo ::nothing'
`,
      ),
    );
    expect(ran.output).toBe(
      'password ***\n##[group]Inside\n##[error]a.c:3: broken\nthing\n::warning::as it is\n##[warning]seen\n##[endgroup]\nno newlineagain ***\n::nothing\n',
    );
  });

  it('refuse the commands that are no longer safe', async () => {
    const ran = await run(build('- {name: Old, run: "echo ::set-env name=A::b"}\n'));
    expect(failureOf(ran)!.message).toContain('set-env is not obeyed');
  });

  it('out of their timeout-minutes end with all that they started', async () => {
    const slow = `sh -c "trap '' TERM; sleep 300" & echo $! > "$CODEBUILD_SRC_DIR/pid"; sleep 300`;
    const ran = await run(
      build(
        `- {name: Slow, timeout-minutes: 0.01, run: '${slow.replaceAll("'", "''")}'}
- if: always()
  run: grep -q '^State:[^Z]*$' /proc/$(cat pid)/status 2>/dev/null && echo "still there" || echo gone
- {if: always(), timeout-minutes: 1, run: 'echo in time; echo aside >&2; exit 7'}
- {if: always(), timeout-minutes: "\${{ 'never' }}", run: x}
`,
      ),
    );
    expect(ran.output).toBe('gone\nin time\naside\n');
    expect(failureOf(ran)!.message).toBe('Error while executing step: Slow. Reason: it ran out of its timeout-minutes');
    expect(ran.log).toContain('exit status 7');
    expect(ran.log).toContain('timeout-minutes cannot be "never"');
  });

  it('end with the build that is stopped', async () => {
    const ran = await run(build('- run: echo up; sleep 300\n- {if: always(), run: echo never}\n'), {
      onLine: (line, abort) => line === 'up\n' && abort.abort('STOPPED'),
    });
    expect(ran.status).toBe('STOPPED');
    expect(ran.output).toBe('up\n');
  });

  it('say what is wrong with an expression only when it matters', async () => {
    const ran = await run(build('- {name: Wrong, run: "echo ${{ fromJSON(env.NONE) }}"}\n'));
    expect(failureOf(ran)!.message).toContain('no JSON');
  });

  it('run in the shell they ask for', async () => {
    const ran = await run(
      build(
        `- {shell: sh, run: 'echo "\${BASH_VERSION:-posix}"'}
- {shell: bash, run: 'false | true; echo never', continue-on-error: true}
- {run: 'false | true; echo on'}
- {shell: 'cat {0}', run: 'as it is'}
- {name: Odd, shell: fish, run: x}
`,
      ),
    );
    expect(ran.output).toBe('posix\non\nas it is\n');
    expect(failureOf(ran)!.message).toContain('The shell fish is not known here');
  });

  it('hash files of the source', async () => {
    const ran = await run(build(`- run: echo "\${{ hashFiles('**/*.lock', '!b/**') }} \${{ hashFiles('none') }}."\n`), {
      files: { 'a/x.lock': '1', 'b/y.lock': '2' },
    });
    const once = createHash('sha256').update('1').digest();
    expect(ran.output).toBe(`${createHash('sha256').update(once).digest('hex')} .\n`);
  });
});
