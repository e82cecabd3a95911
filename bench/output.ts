/**
 * A build that prints a gigabyte (MEGABYTES), in lines of a kilobyte: how long it takes until all of it is in its log, and the most memory that the
 * server and its runner ever had. Run: npm run build && node tools/run.mjs bench/output.ts
 */
import { BuildServer } from '../test/support/builds.ts';
import { peakMegabytes, programsOn } from '../test/support/memory.ts';

const megabytes = Number(process.env['MEGABYTES'] ?? 1000);
const world = new BuildServer();
await world.startProcess();
const idle = programsOn(world.data).map(peakMegabytes);
const began = performance.now();
const build = await world.run(
  JSON.stringify({
    version: '0.2',
    phases: { build: { commands: [`yes "$(printf '%998s.' '')" | head -c ${megabytes * 1_000_000}`] } },
  }),
);
const seconds = (performance.now() - began) / 1000;
const peaks = programsOn(world.data).map(peakMegabytes);
console.log(`${megabytes} MB of output: ${build.buildStatus} in ${seconds.toFixed(1)} s, ${(megabytes / seconds).toFixed(1)} MB/s`);
console.log(`peak memory of server and runner: ${peaks.join(' and ')} MB (idle: ${idle.join(' and ')} MB)`);
await world.end();
