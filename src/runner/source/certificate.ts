import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { messageOf } from '../../kernel/errors.ts';
import type { S3Object } from '../../services/pipewright/api.gen.ts';
import { clientError } from '../build/failure.ts';
import type { DownloadTools } from './download.ts';

/**
 * The path of a file with the certificates that git trusts: the public ones and the project's own. Fails the phase where that cannot be had.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/create-project-cli.html#cli.environment.certificate
 */
export async function trustedWith(object: S3Object, { s3, scratch }: Pick<DownloadTools, 's3' | 'scratch'>): Promise<string> {
  const own = await read(object, s3);
  if (!own.includes('-----BEGIN CERTIFICATE-----')) throw clientError(`The certificate ${nameOf(object)} is not PEM`);
  const path = join(scratch, 'certificates.pem');
  await writeFile(path, [...rootCertificates, own, ''].join('\n'));
  return path;
}

const nameOf = ({ bucket, key }: S3Object): string => `arn:aws:s3:::${bucket}/${key}`;

async function read(object: S3Object, s3: DownloadTools['s3']): Promise<string> {
  try {
    const { Body = [] } = await s3.getObject({ Bucket: object.bucket, Key: object.key });
    const pieces: Uint8Array[] = [];
    for await (const piece of Body) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  } catch (error) {
    throw clientError(`The certificate ${nameOf(object)} cannot be read: ${messageOf(error)}`);
  }
}
