import { resolve } from 'node:path';
import { checkLayers } from './check.ts';
import { LAYERS } from './rules.ts';

const offences = checkLayers(resolve('src'), LAYERS);
for (const offence of offences) process.stderr.write(`${offence}\n`);
process.stdout.write(`layers: ${offences.length === 0 ? 'ok' : `${offences.length} offences`}\n`);
process.exitCode = offences.length === 0 ? 0 : 1;
