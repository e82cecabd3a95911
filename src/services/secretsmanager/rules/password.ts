import { errors, type GetRandomPasswordRequest } from '../api.gen.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const DEFAULT_LENGTH = 32;

const invalid = (message: string) => errors.InvalidParameterException(message);

/** A password as https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html says. `below(n)` is random, 0 ≤ x < n. */
export function randomPassword(input: GetRandomPasswordRequest, below: (n: number) => number): string {
  const { PasswordLength: length = DEFAULT_LENGTH, ExcludeCharacters = '', RequireEachIncludedType = true } = input;
  const excluded = new Set(ExcludeCharacters);
  const kinds = [
    input.ExcludeLowercase ? '' : LOWER,
    input.ExcludeUppercase ? '' : UPPER,
    input.ExcludeNumbers ? '' : DIGITS,
    input.ExcludePunctuation ? '' : PUNCTUATION,
    input.IncludeSpace ? ' ' : '',
  ]
    .filter((kind) => kind !== '')
    .map((kind) => kind.split('').filter((char) => !excluded.has(char)));
  const all = kinds.flat();
  if (all.length === 0) throw invalid('The password has no characters left to choose from: everything is excluded.');
  if (RequireEachIncludedType && kinds.some((kind) => kind.length === 0))
    throw invalid('ExcludeCharacters leaves no character of a type that the password must include.');
  if (RequireEachIncludedType && length < kinds.length) throw invalid('Password length is too short based on the required types.');
  const one = (chars: readonly string[]) => chars[below(chars.length)]!;
  const required = RequireEachIncludedType ? kinds.map(one) : [];
  const chars = [...required, ...Array.from({ length: length - required.length }, () => one(all))];
  // Fisher and Yates: the required ones do not stand in front.
  for (let i = chars.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [chars[i], chars[j]] = [chars[j]!, chars[i]!];
  }
  return chars.join('');
}
