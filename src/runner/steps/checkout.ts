import type { Session } from './session.ts';

type Env = Readonly<Record<string, string>>;

/** What CodeBuild's project decides, not the step. */
const OF_THE_PROJECT = ['fetch-depth', 'submodules', 'lfs', 'clean', 'sparse-checkout'];

const same = (wish: string | undefined, values: readonly (string | undefined)[]): boolean =>
  wish === undefined || wish === '' || values.some((value) => value?.toLowerCase() === wish.toLowerCase());

/**
 * CodeBuild has downloaded the source before any step runs. Where actions/checkout asks for just that, it has been done: undefined is
 * answered where it asks for something else, and the action itself is to be run.
 */
export function checkedOut({ facts, build }: Session, uses: string, given: Env): Env | undefined {
  if (!/^actions\/checkout@/i.test(uses)) return undefined;
  const { repository, ref, ref_name: name, sha } = facts;
  const own = same(given['repository'], [repository]) && same(given['ref'], [ref, name, sha]) && same(given['path'], ['.', './']);
  if (!own) return undefined;
  build.log.agent('The source is in its folder already: actions/checkout has nothing to do');
  const unheeded = OF_THE_PROJECT.filter((key) => given[key] !== undefined);
  if (unheeded.length > 0) build.log.agent(`Not heeded, as the project's source settings decide it: ${unheeded.join(', ')}`);
  return { ...(ref !== undefined && { ref }), ...(sha !== undefined && { commit: sha }) };
}
