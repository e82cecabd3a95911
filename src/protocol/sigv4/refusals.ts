import { unreachable } from '../../kernel/errors.ts';
import { ApiError } from '../errors.ts';
import type { ServiceModel } from '../model.ts';
import { amzDateOf } from './canonical.ts';
import type { Malformed } from './claims.ts';
import type { AuthFailure } from './verify.ts';

type Protocol = ServiceModel['protocol'];

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const S3_MISMATCH = 'The request signature we calculated does not match the signature you provided. Check your key and signing method.';

/** One failure in the words of the JSON, query and S3 families: code and status. https://docs.aws.amazon.com/IAM/latest/UserGuide/CommonErrors.html */
function worded(protocol: Protocol, codes: readonly [json: string, query: string, s3: string], message: string, s3Status = 403): ApiError {
  if (protocol === 'rest-xml') return new ApiError(codes[2], message, s3Status);
  return protocol === 'query' ? new ApiError(codes[1], message, 403) : new ApiError(codes[0], message, protocol === 'json' ? 400 : 403);
}

export function missingToken(protocol: Protocol): ApiError {
  return worded(
    protocol,
    ['MissingAuthenticationTokenException', 'MissingAuthenticationToken', 'AccessDenied'],
    'Missing Authentication Token',
  );
}

export function malformedClaims(protocol: Protocol, { where, message }: Malformed): ApiError {
  const s3 = where === 'header' ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError';
  return worded(protocol, ['IncompleteSignatureException', 'IncompleteSignature', s3], message, 400);
}

/** The credential's scope names another service than the request reached. */
export function wrongService(protocol: Protocol, service: string): ApiError {
  const message = `Credential should be scoped to correct service: '${service}'.`;
  return worded(protocol, ['InvalidSignatureException', 'SignatureDoesNotMatch', 'AuthorizationHeaderMalformed'], message, 400);
}

function skewed(protocol: Protocol, requested: number, now: number): ApiError {
  if (protocol === 'rest-xml')
    return new ApiError('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.', 403);
  const [sent, at] = [amzDateOf(requested), amzDateOf(now)];
  const message =
    requested < now
      ? `Signature expired: ${sent} is now earlier than ${at} (${at} - 15 min.)`
      : `Signature not yet current: ${sent} is still later than ${at} (${at} + 15 min.)`;
  return worded(protocol, ['InvalidSignatureException', 'SignatureDoesNotMatch', ''], message);
}

/** The error a client sees for a request that was not believed. */
export function authError(protocol: Protocol, failure: AuthFailure): ApiError {
  const s3 = protocol === 'rest-xml';
  switch (failure.kind) {
    case 'unknownKey': {
      const message = s3
        ? 'The AWS Access Key Id you provided does not exist in our records.'
        : 'The security token included in the request is invalid.';
      return worded(protocol, ['UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidAccessKeyId'], message);
    }
    case 'badToken': {
      const message = s3
        ? 'The provided token is malformed or otherwise invalid.'
        : 'The security token included in the request is invalid.';
      return worded(protocol, ['UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidToken'], message, 400);
    }
    case 'expiredToken': {
      const message = s3 ? 'The provided token has expired.' : 'The security token included in the request is expired';
      return worded(protocol, ['ExpiredTokenException', 'ExpiredToken', 'ExpiredToken'], message, 400);
    }
    case 'mismatch':
      return worded(protocol, ['InvalidSignatureException', 'SignatureDoesNotMatch', 'SignatureDoesNotMatch'], s3 ? S3_MISMATCH : MISMATCH);
    case 'presignedExpired':
      return worded(protocol, ['InvalidSignatureException', 'SignatureDoesNotMatch', 'AccessDenied'], 'Request has expired');
    case 'expiresTooFar':
      return worded(
        protocol,
        ['InvalidSignatureException', 'SignatureDoesNotMatch', 'AuthorizationQueryParametersError'],
        'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
        400,
      );
    case 'unsignedHeaders': {
      const message = `There were headers present in the request which were not signed: ${failure.names.join(', ')}`;
      return worded(protocol, ['InvalidSignatureException', 'SignatureDoesNotMatch', 'AccessDenied'], message);
    }
    case 'skewed':
      return skewed(protocol, failure.requested, failure.now);
    default:
      return unreachable(failure);
  }
}
