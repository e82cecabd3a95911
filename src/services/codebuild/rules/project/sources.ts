import { errors, type ProjectArtifacts, type ProjectSource } from '../../api.gen.ts';
import { validateAuth } from '../source-credentials.ts';

const invalid = (message: string) => errors.InvalidInputException(message);

/** Source types that name a place; the others bring their own. */
const LOCATED = new Set(['CODECOMMIT', 'GITHUB', 'GITHUB_ENTERPRISE', 'GITLAB', 'GITLAB_SELF_MANAGED', 'BITBUCKET', 'S3']);

export function validateSource({ type, location, buildspec, auth }: ProjectSource): void {
  if (auth) validateAuth(auth);
  if (LOCATED.has(type) && !location) throw invalid(`Invalid project source: location must be specified for source type ${type}`);
  if (type === 'NO_SOURCE' && !buildspec) throw invalid('Invalid project source: a buildspec must be given for source type NO_SOURCE');
  if (type === 'S3' && location && !/^(arn:aws[a-z-]*:s3:::)?[^/]+\/.+$/.test(location)) {
    throw invalid('Invalid project source: the location of an S3 source must be of the form bucket/path');
  }
}

export function validateArtifacts({ type, location }: ProjectArtifacts): void {
  if (type === 'S3' && !location) throw invalid('Invalid artifacts: location must be specified for artifacts type S3');
}
