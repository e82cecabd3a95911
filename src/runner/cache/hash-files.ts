import { SHARD_SCRIPTS } from '../shards/scripts.ts';

const SEARCH = 'codebuild-glob-search';

/**
 * `codebuild-hash-files GLOB…`: the SHA-256 of the files below the source folder that match, for keys of caches
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html#caching-s3-dynamic.codebuild-hash-files), with nothing but what
 * every image has. Each file's hash and name go into the whole, in the order of the names.
 */
const HASH_FILES = String.raw`#!/bin/sh
cd -- "$CODEBUILD_SRC_DIR" || exit 1
${SEARCH} "$@" | while IFS= read -r file; do sha256sum "./$file"; done | sha256sum | cut -d ' ' -f 1
`;

/** Programs for the build's PATH, by name. */
export const HASH_PROGRAMS: Readonly<Record<string, string>> = {
  'codebuild-hash-files': HASH_FILES,
  [SEARCH]: SHARD_SCRIPTS[SEARCH] ?? '',
};
