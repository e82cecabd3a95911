import { PipewrightError } from '../../kernel/errors.ts';
import { isRepositoryId } from './rules/provider.ts';

/** The name as it may stand in a URL; throws with code ConnectionUnavailable. */
export function checkedRepository(repository: string): string {
  if (!isRepositoryId(repository))
    throw new PipewrightError('ConnectionUnavailable', `'${repository}' is no repository: owner/name is expected.`);
  return repository;
}
