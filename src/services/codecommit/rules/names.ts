import { errors } from '../api.gen.ts';

const ID = /^[0-9a-f]{40}$/i;

export function isObjectId(text: string): boolean {
  return ID.test(text);
}

/** AWS's rule beyond the model's pattern: no `.git` at the end. */
export function checkRepositoryName(name: string): void {
  if (/^[\w.-]{1,100}$/.test(name) && !name.endsWith('.git')) return;
  throw errors.InvalidRepositoryNameException(
    `The repository name ${name} is not valid. Names have 1 to 100 letters, digits, periods, underscores and dashes, and do not end in .git.`,
  );
}

/** Git's own rules for the part after refs/heads/ (https://git-scm.com/docs/git-check-ref-format). */
export function isBranchName(name: string): boolean {
  if (name === '' || name === '@' || name.length > 256) return false;
  // oxlint-disable-next-line no-control-regex -- control characters are among what git forbids
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$|^-/.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

export function checkBranchName(name: string): void {
  if (!isBranchName(name) || isObjectId(name)) throw errors.InvalidBranchNameException(`The branch name ${name} is not valid.`);
}

/**
 * A file's or folder's path in the form that git keeps: no slash at either end. Throws for what git cannot keep or what would
 * reach outside of a checkout.
 */
export function cleanPath(path: string): string {
  const clean = path.replace(/^\/+|\/+$/g, '');
  const bad = clean.split('/').some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git');
  if ((clean !== '' && bad) || clean.includes('\0') || clean.length > 4096)
    throw errors.InvalidPathException(`The path ${path} is not valid.`);
  return clean;
}

export function checkFilePath(path: string): string {
  if (path === '') throw errors.PathRequiredException('A file path is required.');
  const clean = cleanPath(path);
  if (clean === '' || path.endsWith('/')) throw errors.InvalidPathException(`The path ${path} is not the path of a file.`);
  return clean;
}
