import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * `codebuild-hash-files GLOB…`: the SHA-256 of the files below the source folder that match, for keys of caches
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html#caching-s3-dynamic.codebuild-hash-files), with nothing but what
 * every image has. Each file's hash and name go into the whole, in the order of the names.
 */
const SCRIPT = String.raw`#!/bin/sh
cd -- "$CODEBUILD_SRC_DIR" || exit 1
for glob in "$@"; do
  # First the characters that mean something in an expression, then the wildcards, the longest first.
  expression=$(printf '%s' "$glob" | sed -e "s|^$CODEBUILD_SRC_DIR/||" -e 's/^\.\///' -e 's/[].[\^$+(){}|]/\\&/g' \
    -e 's/\*\*\//</g' -e 's/\*\*/>/g' -e 's/\*/[^\/]*/g' -e 's/?/[^\/]/g' -e 's/</(.*\/)?/g' -e 's/>/.*/g')
  find . -name .git -prune -o -type f -print | sed 's/^\.\///' | grep -E "^$expression\$"
done | LC_ALL=C sort -u | while IFS= read -r file; do sha256sum "./$file"; done | sha256sum | cut -d ' ' -f 1
`;

/** Writes it into the folder, which is to be on the PATH. */
export async function makeHashFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'codebuild-hash-files');
  await writeFile(path, SCRIPT);
  await chmod(path, 0o755);
}
