import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { build, failureOf, StepWorld, type Files } from './testing/step-world.ts';

let world: StepWorld;
beforeEach(() => {
  world = new StepWorld();
});
afterEach(() => world.end());
const run: StepWorld['run'] = (buildspec, given) => world.run(buildspec, given);

describe('actions', () => {
  const greet = {
    'action.yml': `inputs:
  who: {default: "\${{ github.workflow }}"}
  the word: {required: true}
runs: {using: node20, pre: pre.js, main: main.js, post: post.js, post-if: success()}
`,
    'pre.js': `require('fs').appendFileSync(process.env.GITHUB_STATE, 'from=pre\\n'); console.log('pre ' + process.env['INPUT_THE_WORD'])`,
    'main.js': `const e = process.env; console.log('hello ' + e.INPUT_WHO + ' ' + e['INPUT_THE_WORD'] + ' ' + e.STATE_from + ' ' + e.GITHUB_ACTION_REPOSITORY);
require('fs').appendFileSync(e.GITHUB_OUTPUT, 'said=hello\\n'); console.log('::save-state name=main::ran')`,
    'post.js': `console.log('post ' + process.env.STATE_from + ' ' + process.env.STATE_main)`,
  };

  it('of JavaScript run their pre before all steps and their post after all, the last first', async () => {
    world.repository('somebody/greet', greet);
    world.repository('somebody/other', { ...greet, 'post.js': 'console.log("post of the other")' });
    const ran = await run(
      build(
        `- run: echo first
- {id: greet, uses: somebody/greet@v1, with: {the word: now}}
- {uses: somebody/other@v1, with: {the word: '\${{ steps.greet.outputs.said }}', who: you}}
- run: echo last
`,
      ),
    );
    expect(ran.output).toBe(
      `pre now
pre 
first
hello p now pre somebody/greet
hello you hello pre somebody/other
last
post of the other
post pre ran
`,
    );
    expect(ran.status).toBe('SUCCEEDED');
  });

  it('that are composite have steps, inputs and outputs of their own', async () => {
    world.repository('somebody/many', {
      'all/action.yml': `inputs: {name: {default: nobody}}
outputs: {result: {value: "\${{ steps.inner.outputs.r }}"}}
runs:
  using: composite
  steps:
    - {id: inner, shell: bash, run: 'echo "r=\${{ inputs.name }}" >> $GITHUB_OUTPUT; cat "$GITHUB_ACTION_PATH/text"; echo $OUTER'}
    - {uses: ./local, with: {x: "\${{ inputs.name }}"}}
`,
      'all/text': 'a file of its own\n',
    });
    const ran = await run(
      build(
        `- {id: a, uses: somebody/many/all@v1, with: {name: me}, env: {OUTER: outer}}
- run: echo "\${{ steps.a.outputs.result }}\${{ steps.inner.outputs.r }}"
`,
      ),
      {
        files: {
          'local/action.yml': 'inputs: {x: {}}\nruns: {using: node16, main: m.js, post: p.js}\n',
          'local/m.js': 'console.log("local " + process.env.INPUT_X)',
          'local/p.js': 'console.log("post local")',
        },
      },
    );
    expect(ran.output).toBe('a file of its own\nouter\nlocal me\nme\npost local\n');
    expect(ran.status).toBe('SUCCEEDED');
  });

  it('fail the step that uses them, with the reason, and only if it runs', async () => {
    const reason = async (steps: string, files: Files = {}) => failureOf(await run(build(steps), { files }))?.message;
    expect(await reason('- {if: false, uses: somebody/none@v1}\n')).toBeUndefined();
    expect(await reason('- {uses: somebody/none@v1}\n')).toMatch(
      /somebody\/none@v1\. Reason: git fetch failed for the action somebody\/none/,
    );
    expect(await reason('- {uses: ./none}\n')).toContain('./none has neither action.yml nor action.yaml nor Dockerfile');
    expect(await reason('- {uses: ./a}\n', { 'a/action.yml': 'runs: {using: node20}' })).toContain(
      'line 1, column 15: A JavaScript action has a main',
    );
    expect(await reason('- {uses: "docker://alpine"}\n')).toContain('cannot be run here: this build runs on the host');
    expect(
      await reason('- run: echo /nowhere > $GITHUB_PATH\n- run: echo "PATH=/nowhere" >> $GITHUB_ENV\n- {uses: ./a}\n', {
        'a/action.yml': 'runs: {using: node20, main: x}',
      }),
    ).toContain('there is no node on the PATH');
    expect(await reason('- {uses: ./loop}\n', { 'loop/action.yml': 'runs: {using: composite, steps: [{uses: ./loop}]}' })).toContain(
      'one of its steps failed',
    );
  });

  it('of the checkout have nothing to do, unless they ask for something else', async () => {
    const ran = await run(build('- uses: actions/checkout@v4\n  with: {fetch-depth: 0}\n'));
    expect(ran.status).toBe('SUCCEEDED');
    expect(ran.log).toContain('actions/checkout has nothing to do');
    expect(ran.log).toContain('fetch-depth');
    const other = await run(build('- uses: actions/checkout@v4\n  with: {repository: some/other}\n'));
    expect(failureOf(other)!.message).toContain('git fetch failed for the action actions/checkout');
  });

  it('read nothing outside the build’s folders', async () => {
    writeFileSync(join(world.folder, 'action.yml'), 'secret words');
    const ran = await run(build('- run: ln -s ../../.. out\n- {uses: ./out}\n'));
    expect(failureOf(ran)!.message).toContain('leads out of the workspace');
    const file = await run(build(`- run: 'rm "$GITHUB_ENV"; ln -s ${world.folder}/action.yml "$GITHUB_ENV"'\n`));
    expect(failureOf(file)!.message).toContain('leads out of the workspace');
  });
});
