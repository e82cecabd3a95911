import { expect, it } from 'vitest';
import { buildSummary, CommandLog } from './build-summary.ts';
import { plain } from './paint.ts';

const at = (second: number, text: string): string => `[Container] 2026/11/21 05:00:0${second}.250000 ${text}`;
const start = Date.UTC(2026, 10, 21, 5);

const EVENTS = [
  at(0, 'Entering phase INSTALL'),
  at(0, 'Running command npm ci\nnpm run -s generate'),
  'added 3 packages',
  'generated',
  at(2, 'Phase complete: INSTALL State: SUCCEEDED'),
  at(2, 'Entering phase BUILD'),
  at(2, 'Running command codebuild-breakpoint'),
  at(3, 'The build is paused at a breakpoint. Look into it: pipewright debug p:1'),
  at(4, 'The build goes on'),
  at(5, 'Running command npm test'),
  'one failed',
  at(7, 'Command did not exit successfully npm test exit status 3'),
  at(7, 'Phase complete: BUILD State: FAILED'),
  at(7, 'Entering phase POST_BUILD'),
  at(7, 'Running command sleep 300'),
];

it('tells of each command how long it took, how it ended and how much it printed', () => {
  const log = new CommandLog();
  for (const event of EVENTS) log.event(event);
  const phase = (phaseType: 'INSTALL' | 'BUILD' | 'POST_BUILD', phaseStatus: 'SUCCEEDED' | 'FAILED', from: number, to: number) => ({
    phaseType,
    phaseStatus,
    startTime: start + from,
    endTime: start + to,
    contexts:
      phaseStatus === 'FAILED' ? [{ statusCode: 'COMMAND_EXECUTION_ERROR', message: 'Error while executing command: npm test' }] : [],
  });
  const build = {
    id: 'p:1',
    buildStatus: 'IN_PROGRESS' as const,
    startTime: start,
    phases: [
      phase('INSTALL', 'SUCCEEDED', 0, 2000),
      phase('BUILD', 'FAILED', 2000, 7000),
      { phaseType: 'POST_BUILD' as const, startTime: start + 7000 },
      { phaseType: 'COMPLETED' as const },
    ],
  };
  expect(buildSummary(build, log.commands, plain)).toEqual([
    'p:1  IN_PROGRESS',
    '  INSTALL              2.0s  SUCCEEDED',
    '         2.0s  exit 0         2 lines  npm ci …',
    '  BUILD                5.0s  FAILED',
    '         3.0s  exit 0         0 lines  codebuild-breakpoint',
    '         2.0s  exit 3          1 line  npm test',
    '    Error while executing command: npm test',
    '  POST_BUILD                 IN_PROGRESS',
    '               not ended      0 lines  sleep 300',
  ]);
});
