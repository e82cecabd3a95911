import type { Botocore } from './botocore.ts';

/** Root elements of S3's answers, which its model does not name: clients ignore them, people and other tools do not. */
const ROOTS: Readonly<Record<string, string>> = {
  ListBuckets: 'ListAllMyBucketsResult',
  ListObjects: 'ListBucketResult',
  ListObjectsV2: 'ListBucketResult',
  ListObjectVersions: 'ListVersionsResult',
  ListMultipartUploads: 'ListMultipartUploadsResult',
  ListParts: 'ListPartsResult',
  CreateMultipartUpload: 'InitiateMultipartUploadResult',
  CompleteMultipartUpload: 'CompleteMultipartUploadResult',
  DeleteObjects: 'DeleteResult',
  GetBucketAcl: 'AccessControlPolicy',
  GetObjectAcl: 'AccessControlPolicy',
  GetBucketCors: 'CORSConfiguration',
  GetBucketLifecycleConfiguration: 'LifecycleConfiguration',
  GetBucketLocation: 'LocationConstraint',
  GetBucketLogging: 'BucketLoggingStatus',
  GetBucketNotificationConfiguration: 'NotificationConfiguration',
  GetBucketRequestPayment: 'RequestPaymentConfiguration',
  GetBucketTagging: 'Tagging',
  GetObjectTagging: 'Tagging',
  GetBucketVersioning: 'VersioningConfiguration',
  GetBucketWebsite: 'WebsiteConfiguration',
  GetObjectAttributes: 'GetObjectAttributesResponse',
};

/** The bucket's location is the text of the root element: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
const UNWRAPPED = new Set(['GetBucketLocation']);

/** Adds to S3's model what its answers have beyond it. */
export function withS3Names(model: Botocore): Botocore {
  const operations = Object.entries(model.operations).map(([name, operation]) => {
    const { output } = operation;
    if (!output || !ROOTS[name]) return [name, operation] as const;
    return [name, { ...operation, output: { ...output, locationName: ROOTS[name], unwrapped: UNWRAPPED.has(name) } }] as const;
  });
  const metadata = { ...model.metadata, xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/' };
  return { ...model, metadata, operations: Object.fromEntries(operations) };
}
