import { runInNewContext } from 'node:vm';
import type { Phase } from '../../services/codebuild/rules/buildspec/types.ts';
import type { BuildLog } from '../output/build-log.ts';
import type { Commands, Instead } from './commands.ts';
import { PhaseFailure } from './failure.ts';

/** An expression that looks longer than this is one that never comes to an end, ms. */
const LONGEST_MS = 250;

/** Whether the expression is found in what the failed command said last, or in the failure's message; undefined where it takes too long to tell. */
function isMeant({ message, output }: PhaseFailure, { pattern, flags = '' }: { pattern: string; flags?: string }): boolean | undefined {
  if (pattern === '.*') return true;
  try {
    // It is the user's, and other builds run in this process: it gets its own time-out.
    const given = { pattern, flags: `${flags.replace('m', '')}m`, texts: [message, output] };
    return runInNewContext('texts.some((text) => new RegExp(pattern, flags).test(text))', given, { timeout: LONGEST_MS }) as boolean;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}

/**
 * Runs a phase, and after a failure that its `on-failure: RETRY…` means the same phase again, from the variables and the folder that it
 * began with. Fails as the last try did. `instead`: what it does in place of its commands.
 */
export async function runWithRetries(phase: Phase, title: string, commands: Commands, log: BuildLog, instead?: Instead): Promise<void> {
  const { onFailure } = phase;
  if (onFailure?.kind !== 'RETRY') return commands.run(phase, instead);
  const start = await commands.checkpoint('phase');
  const { isSucceeding } = commands;
  for (let retries = 0; ; retries++) {
    try {
      return await commands.run(phase, instead);
    } catch (error) {
      if (!(error instanceof PhaseFailure) || retries === onFailure.count) throw error;
      const meant = isMeant(error, onFailure);
      if (meant === undefined) log.agent(`on-failure: ${onFailure.pattern} takes too long to be looked for`);
      if (!meant) throw error;
      log.agent(`Retrying phase ${title} (${retries + 1} of ${onFailure.count})`);
      await commands.restore(start);
      await commands.succeeding(isSucceeding);
    }
  }
}
