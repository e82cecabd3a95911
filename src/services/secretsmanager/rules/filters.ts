import { errors, type FiltersListType } from '../api.gen.ts';

/** What the filters of ListSecrets look at. */
export interface Filtered {
  readonly name: string;
  readonly description: string;
  readonly region: string;
  readonly tags: readonly { readonly name: string; readonly value: string }[];
}

type Fits = (secret: Filtered) => boolean;

const startsWith = (text: string, value: string): boolean => text.startsWith(value);
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

/** Every word of the value begins a word of the text, in any case. */
function hasWords(text: string, value: string): boolean {
  const words = wordsOf(text);
  return wordsOf(value).every((wanted) => words.some((word) => word.startsWith(wanted)));
}

function texts({ name, description, tags }: Filtered): string {
  return [name, description, ...tags.flatMap((tag) => [tag.name, tag.value])].join(' ');
}

function one(key: string, value: string): Fits {
  switch (key) {
    case 'name':
      return ({ name }) => startsWith(name, value);
    case 'description':
      return ({ description }) => hasWords(description, value);
    case 'tag-key':
      return ({ tags }) => tags.some((tag) => startsWith(tag.name, value));
    case 'tag-value':
      return ({ tags }) => tags.some((tag) => startsWith(tag.value, value));
    case 'primary-region':
      return ({ region }) => startsWith(region, value);
    case 'all':
      return (secret) => hasWords(texts(secret), value);
    default:
      // owning-service: no service makes secrets of its own here.
      return () => false;
  }
}

/** All filters hold, each through one of its values; a value behind `!` must not hold. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html */
export function compileFilters(filters: FiltersListType = []): Fits {
  const tests = filters.map(({ Key: key, Values: values = [] }) => {
    if (key === undefined || values.length === 0) throw errors.InvalidParameterException('Filters must have a key and values.');
    const wanted = values.filter((value) => !value.startsWith('!')).map((value) => one(key, value));
    const unwanted = values.filter((value) => value.startsWith('!')).map((value) => one(key, value.slice(1)));
    return (secret: Filtered) => (wanted.length === 0 || wanted.some((fits) => fits(secret))) && !unwanted.some((fits) => fits(secret));
  });
  return (secret) => tests.every((test) => test(secret));
}
