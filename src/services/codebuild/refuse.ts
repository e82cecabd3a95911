import type { Refuse } from '../../protocol/codec/refusal.ts';
import { errors } from './api.gen.ts';

/**
 * CodeBuild documents no other error for bad input than its own.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html#API_BatchGetBuilds_Errors
 */
export const refuse: Refuse = (_operation, violations) => {
  const noun = violations.length === 1 ? 'error' : 'errors';
  return errors.InvalidInputException(
    `${violations.length} validation ${noun} detected: ${violations.map(({ message }) => message).join('; ')}`,
  );
};
