import { errors, type ParameterTier } from '../api.gen.ts';

const invalid = (message: string) => errors.ValidationException(message);

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html, bytes. */
const STANDARD = 4096;
const ADVANCED = 8192;
const ABOUT_TIERS = 'https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html';

export type StoredTier = 'Standard' | 'Advanced';

/**
 * The tier in which a value of so many bytes is kept: what was asked for, else what the parameter has. Intelligent-Tiering takes the
 * standard tier for what fits into it. Throws ValidationException for what does not fit, and for a way back from the advanced tier.
 */
export function tierFor(bytes: number, wanted: ParameterTier | undefined, before: StoredTier | undefined): StoredTier {
  const tier = wanted === 'Intelligent-Tiering' ? (before === 'Advanced' || bytes > STANDARD ? 'Advanced' : 'Standard') : wanted;
  const chosen = tier ?? before ?? 'Standard';
  if (chosen === 'Standard' && before === 'Advanced') {
    throw invalid(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the " +
        'standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter. ' +
        `For more information, see ${ABOUT_TIERS}`,
    );
  }
  if (chosen === 'Standard' && bytes > STANDARD) {
    throw invalid(
      `Standard tier parameters support a maximum parameter value of ${STANDARD} characters. To create a larger parameter value, upgrade the ` +
        `parameter to use the advanced-parameter tier. For more information, see ${ABOUT_TIERS}`,
    );
  }
  if (bytes > ADVANCED) throw invalid(`Advanced tier parameters support a maximum parameter value of ${ADVANCED} characters.`);
  return chosen;
}

const DATA_TYPES = new Set(['text', 'aws:ec2:image', 'aws:ssm:integration']);

export function checkDataType(dataType: string): void {
  if (!DATA_TYPES.has(dataType)) {
    throw invalid(`The following data type is not supported: ${dataType} (Data type names are all lowercase.)`);
  }
}

/** Expiration and its kin are not kept here: a policy that would do nothing is refused. `[{}]` and `[]` take policies away. */
export function checkPolicies(policies: string | undefined): void {
  if (policies === undefined || /^\s*(\[\s*(\{\s*\})?\s*\])?\s*$/.test(policies)) return;
  throw errors.InvalidPolicyTypeException('Pipewright does not keep parameter policies: the parameter was not written.');
}
