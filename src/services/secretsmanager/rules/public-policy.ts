import { isObject } from '../../../kernel/json.ts';

const isEverybody = (principal: unknown): boolean => principal === '*' || (isObject(principal) && [principal['AWS']].flat().includes('*'));

/** Whether a statement of the policy allows everybody something, without a condition. */
export function isPublic(policy: Readonly<Record<string, unknown>>): boolean {
  return [policy['Statement']].flat().some((statement) => {
    return (
      isObject(statement) && statement['Effect'] === 'Allow' && isEverybody(statement['Principal']) && statement['Condition'] === undefined
    );
  });
}
