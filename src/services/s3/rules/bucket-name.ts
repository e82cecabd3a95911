const LABELS = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])$/;
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const RESERVED = /^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** Whether S3 takes the name for a new bucket: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html. */
export function isBucketName(name: string): boolean {
  if (name.length < 3 || name.length > 63) return false;
  return LABELS.test(name) && !name.includes('..') && !ADDRESS.test(name) && !RESERVED.test(name);
}

export type Location = { readonly region: string } | { readonly refused: 'invalid' | 'illegal' };

/**
 * Where a new bucket goes: us-east-1's endpoint takes every constraint, another region's only its own, which must then be given.
 * `constraint` is undefined where the request names none. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export function locate(region: string, constraint: string | undefined): Location {
  if (region === 'us-east-1') {
    if (constraint === 'us-east-1') return { refused: 'invalid' };
    return { region: constraint === 'EU' ? 'eu-west-1' : (constraint ?? region) };
  }
  const wanted = constraint === 'EU' ? 'eu-west-1' : constraint;
  return wanted === region ? { region } : { refused: 'illegal' };
}
