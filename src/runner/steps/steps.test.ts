import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import { ProcessRuntime } from '../../runtimes/process/runtime.ts';
import type { BuildJob, Phase } from '../../services/pipewright/api.gen.ts';
import { PhaseLog } from '../build/phase-log.ts';
import { BuildRun, type BuildResult } from '../build/run.ts';
import { BuildLog } from '../output/build-log.ts';
import type { ReportCalls } from '../reports/calls.ts';

let folder: string;
let runtime: ProcessRuntime;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steps-'));
  runtime = new ProcessRuntime(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

function put(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** A repository below the folder of repositories, with one commit tagged v1. */
function repository(name: string, files: Files): void {
  const path = join(folder, 'repositories', name);
  put(path, files);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', path, '-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', ...args], { stdio: 'pipe' });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'An action');
  git('tag', 'v1');
}

const job = (buildspec: string, more: Partial<BuildJob>): BuildJob => ({
  buildArn: 'arn:aws:codebuild:us-east-1:000000000000:build/p:u',
  epoch: 1,
  buildId: 'p:u',
  buildNumber: 7,
  projectName: 'p',
  account: '000000000000',
  region: 'us-east-1',
  initiator: 'root',
  startTime: 0,
  deadline: 0,
  buildspec,
  source: { kind: 'NO_SOURCE' },
  secondarySources: [],
  artifacts: [],
  secondaryArtifacts: [],
  variables: [],
  builtinVariables: [],
  logged: true,
  environment: { type: 'LINUX_CONTAINER', computeType: 'BUILD_GENERAL1_SMALL' },
  ...more,
});

const unwanted = () => Promise.reject(new Error('no report is wanted here'));
const noReports: ReportCalls = { create: unwanted, testCases: unwanted, coverages: unwanted, complete: unwanted };

interface Ran extends BuildResult {
  readonly output: string;
  readonly log: string;
  readonly phases: readonly Phase[];
}

interface Given {
  readonly files?: Files;
  readonly job?: Partial<BuildJob>;
  readonly onLine?: (line: string, abort: AbortController) => void;
}

async function run(buildspec: string, { files = {}, job: more = {}, onLine = () => {} }: Given = {}): Promise<Ran> {
  const abort = new AbortController();
  const lines: string[] = [];
  const log = new BuildLog(({ message }) => {
    lines.push(message);
    onLine(message, abort);
  }, Date.now);
  const phases = new PhaseLog(log, Date.now, () => {});
  const endpoint = 'http://127.0.0.1:1';
  const { s3 } = createClient({ endpoint, region: 'us-east-1' });
  const result = await new BuildRun(job(buildspec, more), {
    runtime,
    notices: [],
    s3,
    endpoint,
    log,
    phases,
    reports: noReports,
    signal: abort.signal,
    gitProtocols: 'file',
    actionsUrl: `file://${folder}/repositories`,
    source: async (directory) => put(directory, files),
  }).run();
  await runtime.destroy('u');
  const output = lines.filter((line) => !line.startsWith('[Container]')).join('');
  return { ...result, output, log: lines.join(''), phases: phases.phases };
}

const build = (steps: string, rest = ''): string =>
  `version: 0.2\nphases:\n  build:\n    steps:\n${steps.trimEnd().replaceAll(/^/gm, '      ')}\n${rest}`;

const failureOf = (ran: Ran) => ran.phases.find(({ phaseStatus }) => phaseStatus === 'FAILED')?.contexts?.[0];

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
    repository('somebody/greet', greet);
    repository('somebody/other', { ...greet, 'post.js': 'console.log("post of the other")' });
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
    repository('somebody/many', {
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
    writeFileSync(join(folder, 'action.yml'), 'secret words');
    const ran = await run(build('- run: ln -s ../../.. out\n- {uses: ./out}\n'));
    expect(failureOf(ran)!.message).toContain('leads out of the build');
    const file = await run(build(`- run: 'rm "$GITHUB_ENV"; ln -s ${folder}/action.yml "$GITHUB_ENV"'\n`));
    expect(failureOf(file)!.message).toContain('leads out of the build');
  });
});
