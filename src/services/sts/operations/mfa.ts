import { ApiError } from '../../../protocol/errors.ts';

/** There are no MFA devices here: a code can only be wrong, and must not count as checked. */
export function refuseMfa({ SerialNumber, TokenCode }: { readonly SerialNumber?: string; readonly TokenCode?: string }): void {
  if (SerialNumber === undefined && TokenCode === undefined) return;
  throw new ApiError(
    'AccessDenied',
    'MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid and associated with this user.',
    403,
  );
}
