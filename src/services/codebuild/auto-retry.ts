import { messageOf } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/log.ts';
import { ApiError } from '../../protocol/errors.ts';
import { startAgain, type StartTools } from './operations/start-build.ts';
import { buildArn } from './rules/build/state.ts';

/** Starts a failed build again; answers its ARN, the same however often it is asked. Undefined where its project is no more. */
export async function retryFailed(tools: StartTools & { readonly log: Logger }, id: string): Promise<string | undefined> {
  const spec = (await tools.builds.state(id))?.spec;
  if (!spec?.autoRetry) return undefined;
  const { limit, number } = spec.autoRetry;
  try {
    const again = { ...spec, autoRetry: { limit, number: number + 1, previous: buildArn(spec) } };
    return (await startAgain(tools, again, { token: `auto-retry/${spec.uuid}` })).arn;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tools.log.warn('a failed build could not be retried', { build: id, error: messageOf(error) });
    return undefined;
  }
}
