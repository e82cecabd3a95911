import { errors, type ProjectCache } from '../../api.gen.ts';

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectCache.html. Answers the cache without what its type has no use for. */
export function validCache({ type, location, modes, cacheNamespace }: ProjectCache): ProjectCache {
  const namespace = cacheNamespace !== undefined && { cacheNamespace };
  switch (type) {
    case 'NO_CACHE':
      return { type };
    case 'S3': {
      const [bucket = ''] = (location ?? '').replace(/^arn:aws[a-z-]*:s3:::/, '').split('/');
      if (bucket === '')
        throw errors.InvalidInputException('Invalid cache: location must be a valid S3 bucket, optionally followed by a prefix');
      return { type, location: location!, ...namespace };
    }
    case 'LOCAL':
      return { type, ...(modes && { modes }), ...namespace };
  }
}
