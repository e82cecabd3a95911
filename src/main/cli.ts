import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../cli/program.ts';
import { OPTIONS } from '../kernel/options.ts';
import { interrupted } from '../cli/interrupt.ts';
import { shellWord } from '../cli/shell.ts';
import type { CliTools } from '../cli/tools.ts';
import { dataPath } from './data-path.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

// Installed, the program is found by its name; in a checkout it is a file.
const called = basename(process.argv[1] ?? '') === 'pipewright' ? 'pipewright' : `node ${shellWord(join(root, 'bin/pipewright.js'))}`;

// `pipewright why p | head`: whoever reads has had enough, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const tools: CliTools = {
  // The server is loaded only by the commands that start one.
  startServer: async (settings) => (await import('./server.ts')).startServer(settings),
  localBuild: async (options) => {
    const isolation = process.env[OPTIONS.buildIsolation.env];
    const mode = OPTIONS.buildIsolation.choices.find((choice) => choice === isolation);
    return (await import('../runner/local/local-build.ts')).localBuild({ ...options, ...(mode !== undefined && { isolation: mode }) });
  },
  fleetRunner: async (options) => (await import('./fleet-runner.ts')).fleetRunner(options),
  dataPath,
  interrupted,
  self: called,
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
};

const catalogue = async () => (await import('./action-catalogue.ts')).actionCatalogue();

process.exitCode = await run(process.argv.slice(2), tools, { version, catalogue, example: join(root, 'examples/static-site') });
