/**
 * The commands with which the builds of a fan-out share their tests, as AWS's images have them. They are scripts for any POSIX shell, so that
 * they run in whatever image the build has.
 */

/**
 * `codebuild-glob-search PATTERN…`: the files below the working directory that fit a pattern, sorted, one a line.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/parallel-test-glob-search.html
 */
const GLOB_SEARCH = String.raw`#!/bin/sh
[ $# -gt 0 ] || { echo "usage: codebuild-glob-search PATTERN..." >&2; exit 2; }
find . -name .git -prune -o \( -type f -o -type l \) -print | sed 's|^\./||' | LC_ALL=C sort | LC_ALL=C awk '
function regex(glob,   i, c, out, depth) {
  out = "^"; depth = 0
  for (i = 1; i <= length(glob); i++) {
    c = substr(glob, i, 1)
    if (substr(glob, i, 3) == "**/") { out = out "(.*/)?"; i += 2 }
    else if (substr(glob, i, 2) == "**") { out = out ".*"; i++ }
    else if (c == "*") out = out "[^/]*"
    else if (c == "?") out = out "[^/]"
    else if (c == "{") { out = out "("; depth++ }
    else if (c == "}" && depth > 0) { out = out ")"; depth-- }
    else if (c == "," && depth > 0) out = out "|"
    else if (c == "[" || c == "]") out = out c
    else if (c ~ /[A-Za-z0-9_\/-]/) out = out c
    else out = out "[" c "]"
  }
  return out "$"
}
BEGIN {
  for (i = 1; i < ARGC; i++) { sub(/^\.\//, "", ARGV[i]); patterns[++count] = regex(ARGV[i]) }
  ARGC = 1
}
{ for (i = 1; i <= count; i++) if ($0 ~ patterns[i]) { print; next } }
' "$@"
`;

/**
 * `codebuild-tests-run --test-command C --files-search S [--sharding-strategy equal-distribution|stability]`: runs the part of the tests
 * that is this build's. Equal distribution cuts the sorted files into pieces; stability goes by a hash of each name, so that files that come
 * and go leave the others where they are. https://docs.aws.amazon.com/codebuild/latest/userguide/parallel-test-tests-run.html
 */
const TESTS_RUN = String.raw`#!/bin/sh
usage() { echo "codebuild-tests-run: $1" >&2; exit 2; }
strategy=equal-distribution
while [ $# -gt 0 ]; do
  case $1 in --*=*)
    option=$1; shift
    set -- "$(printf '%s\n' "$option" | sed -n '1s/=.*//p')" "$(printf '%s\n' "$option" | sed '1s/^[^=]*=//')" "$@" ;;
  esac
  [ $# -gt 1 ] || usage "$1 needs a value"
  case $1 in
    --test-command) command=$2 ;;
    --files-search) search=$2 ;;
    --sharding-strategy) strategy=$2 ;;
    *) usage "unknown option $1" ;;
  esac
  shift 2
done
[ -n "$command" ] || usage "--test-command is required"
[ -n "$search" ] || usage "--files-search is required"
shell=sh; command -v bash >/dev/null 2>&1 && shell=bash
index=0; total=1
[ -z "$PIPEWRIGHT_SHARD_TOTAL" ] || { index=$PIPEWRIGHT_SHARD_INDEX; total=$PIPEWRIGHT_SHARD_TOTAL; }
found=$($shell -c "$search") || { echo "codebuild-tests-run: the search for files failed" >&2; exit 1; }
files=$(printf '%s\n' "$found" | sed '/^[[:space:]]*$/d' | LC_ALL=C sort -u)
[ -n "$files" ] || { echo "codebuild-tests-run: no test file was found" >&2; exit 1; }
case $strategy in
  equal-distribution)
    count=$(printf '%s\n' "$files" | wc -l)
    mine=$(printf '%s\n' "$files" | awk -v i="$index" -v t="$total" -v n="$count" 'NR > int(n * i / t) && NR <= int(n * (i + 1) / t)') ;;
  stability)
    mine=$(printf '%s\n' "$files" | while IFS= read -r file; do
      hash=$(printf '%s' "$file" | cksum | cut -d ' ' -f 1)
      [ $((hash % total)) -ne "$index" ] || printf '%s\n' "$file"
    done) ;;
  *) usage "unknown sharding strategy $strategy" ;;
esac
[ -n "$mine" ] || { echo "No test file falls to this build ($((index + 1)) of $total)"; exit 0; }
export CODEBUILD_CURRENT_SHARD_FILES="$mine"
# A command that takes the list itself is not given it a second time.
case $command in
  *CODEBUILD_CURRENT_SHARD_FILES*) exec $shell -c "$command" ;;
esac
words=$(printf '%s\n' "$mine" | sed "s/'/'\\\\''/g; s/^/ '/; s/\$/'/" | tr -d '\n')
exec $shell -c "$command$words"
`;

export const SHARD_SCRIPTS: Readonly<Record<string, string>> = {
  'codebuild-glob-search': GLOB_SEARCH,
  'codebuild-tests-run': TESTS_RUN,
};
