import { ApiError } from '../../protocol/errors.ts';
import { errors } from './api.gen.ts';

/**
 * Errors that S3 answers but its model does not declare: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
 * The texts are S3's, as programs match them.
 */
export const s3Errors = {
  ...errors,
  accessDenied: () => new ApiError('AccessDenied', 'Access Denied', 403),
  noSuchBucket: (name: string) => new ApiError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name }),
  noSuchKey: (key: string) => new ApiError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key }),
  deleted: (key: string, headers: Readonly<Record<string, string>>) =>
    new ApiError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key }, headers),
  noSuchVersion: (key: string, version: string) =>
    new ApiError('NoSuchVersion', 'The specified version does not exist.', 404, { Key: key, VersionId: version }),
  noSuchUpload: (upload: string) =>
    new ApiError(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      404,
      { UploadId: upload },
    ),
  bucketNotEmpty: (name: string) =>
    new ApiError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, { BucketName: name }),
  invalidBucketName: (name: string) => new ApiError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name }),
  invalidLocation: (constraint: string) =>
    new ApiError('InvalidLocationConstraint', 'The specified location-constraint is not valid', 400, { LocationConstraint: constraint }),
  illegalLocation: (constraint: string) =>
    new ApiError(
      'IllegalLocationConstraintException',
      `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    ),
  invalidArgument: (message: string, name?: string, value?: string) =>
    new ApiError('InvalidArgument', message, 400, { ArgumentName: name, ArgumentValue: value }),
  invalidTag: (message: string) => new ApiError('InvalidTag', message, 400),
  invalidRange: (size: number) =>
    new ApiError('InvalidRange', 'The requested range is not satisfiable', 416, { ActualObjectSize: String(size) }),
  invalidPart: () =>
    new ApiError(
      'InvalidPart',
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    ),
  invalidPartOrder: () =>
    new ApiError('InvalidPartOrder', 'The list of parts was not in ascending order. Parts must be ordered by part number.'),
  entityTooSmall: () => new ApiError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size'),
  entityTooLarge: () => new ApiError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size'),
  malformedXml: () =>
    new ApiError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema'),
  malformedPolicy: (message: string) => new ApiError('MalformedPolicy', message),
  preconditionFailed: (condition: string) =>
    new ApiError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, { Condition: condition }),
  notModified: (headers: Readonly<Record<string, string>>) => new ApiError('NotModified', 'Not Modified', 304, {}, headers),
  methodNotAllowed: (headers: Readonly<Record<string, string>>) =>
    new ApiError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {}, headers),
  badDigest: (what: string) => new ApiError('BadDigest', `The ${what} you specified did not match the calculated checksum.`),
  invalidUri: () => new ApiError('InvalidURI', "Couldn't parse the specified URI."),
  keyTooLong: () => new ApiError('KeyTooLongError', 'Your key is too long'),
  metadataTooLarge: () =>
    new ApiError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', 400, { MaxSizeAllowed: '2048' }),
  missing: (code: string, message: string, name: string) => new ApiError(code, message, 404, { BucketName: name }),
  customerKeys: () => new ApiError('NotImplemented', 'Pipewright does not encrypt under keys that come with the request (SSE-C).', 501),
  missingSecurityHeader: () => new ApiError('MissingSecurityHeader', 'Your request was missing a required header', 400),
  busy: () =>
    new ApiError(
      'OperationAborted',
      'A conflicting conditional operation is currently in progress against this resource. Please try again.',
      409,
    ),
} as const;
