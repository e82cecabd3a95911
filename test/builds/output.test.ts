import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BuildServer, outputOf } from '../support/builds.ts';
import { peakMegabytes, programsOn } from '../support/memory.ts';

const world = new BuildServer();
beforeEach(() => world.startProcess());
afterEach(() => world.end());

/** The whole gigabyte is in bench/output.ts. */
const MEGABYTES = 256;

it(
  'a flood of output harms neither the memory of server and runner nor other builds, and arrives up to its end',
  { timeout: 240_000 },
  async () => {
    const flood = JSON.stringify({
      version: '0.2',
      phases: {
        build: {
          commands: [
            `yes "$(printf '%998s.' '')" | head -c ${MEGABYTES * 1_000_000}`,
            'head -c 100000 /dev/urandom',
            'printf "\\nthe end\\n"',
          ],
        },
      },
    });
    const { id } = await world.begin(await world.project(flood));
    await world.until(id!, ({ currentPhase }) => currentPhase === 'BUILD');
    const other = await world.run('version: 0.2\nphases: {build: {commands: [echo meanwhile]}}\n');
    expect(outputOf(await world.log(other))).toBe('meanwhile\n');
    const build = await world.ended(id!);
    expect(build.buildStatus).toBe('SUCCEEDED');
    const programs = programsOn(world.data);
    expect(programs.length).toBe(2);
    for (const pid of programs) expect(peakMegabytes(pid)).toBeLessThan(400);
    const { groupName: logGroupName, streamName: logStreamName } = build.logs!;
    const { events } = await world.logs.send(new GetLogEventsCommand({ logGroupName, logStreamName, limit: 100 }));
    expect(events!.map(({ message }) => message)).toContain('the end\n');
  },
);
