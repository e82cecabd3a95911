import { errors, type ProjectArtifacts, type ProjectSource } from '../../api.gen.ts';
import { serverTypeOf, validateAuth } from '../source-credentials.ts';

const invalid = (message: string) => errors.InvalidInputException(message);

/** Source types that name a place; the others bring their own. */
const LOCATED = new Set(['CODECOMMIT', 'GITHUB', 'GITHUB_ENTERPRISE', 'GITLAB', 'GITLAB_SELF_MANAGED', 'BITBUCKET', 'S3']);

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html#CodeBuild-Type-ProjectSource-reportBuildStatus */
export function refuseStatusReports(type: ProjectSource['type'], reportBuildStatus: boolean | undefined): void {
  if (reportBuildStatus !== undefined && !serverTypeOf(type)) throw invalid(`Source type ${type} does not support ReportBuildStatus`);
}

export function validateSource({ type, location, buildspec, auth, reportBuildStatus }: ProjectSource): void {
  if (auth) validateAuth(auth);
  refuseStatusReports(type, reportBuildStatus);
  if (LOCATED.has(type) && !location) throw invalid(`Invalid project source: location must be specified for source type ${type}`);
  if (type === 'NO_SOURCE' && !buildspec) throw invalid('Invalid project source: a buildspec must be given for source type NO_SOURCE');
  if (type === 'S3' && location && !/^(arn:aws[a-z-]*:s3:::)?[^/]+\/.+$/.test(location)) {
    throw invalid('Invalid project source: the location of an S3 source must be of the form bucket/path');
  }
}

const BUCKET = /^(arn:aws[a-z-]*:s3:::)?[^/:]+$/;

export function validateArtifacts({ type, location, encryptionDisabled }: ProjectArtifacts): void {
  if (type === 'NO_ARTIFACTS' && encryptionDisabled !== undefined)
    throw invalid('Invalid artifacts: artifact type NO_ARTIFACTS should have null encryptionDisabled');
  if (type !== 'S3') return;
  if (!location) throw invalid('Invalid artifacts: location must be specified for artifacts type S3');
  if (!BUCKET.test(location)) throw invalid('Invalid artifacts: location must be a valid S3 bucket; the path goes into path');
}
