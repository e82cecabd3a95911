import { errors, type ParameterStringFilterList, type ParametersFilterList } from '../api.gen.ts';
import { checkPath, liesBelow } from './names.ts';

/** What filters look at. */
export interface Filtered {
  readonly name: string;
  readonly type: string;
  readonly tier: string;
  readonly dataType: string;
  readonly keyId?: string;
  /** Of the newest version. */
  readonly labels: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export type Fits = (parameter: Filtered) => boolean;

/** The options of each key, the default first. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  Name: ['Equals', 'BeginsWith', 'Contains'],
  Path: ['OneLevel', 'Recursive'],
  Type: ['Equals', 'BeginsWith'],
  KeyId: ['Equals', 'BeginsWith'],
  Tier: ['Equals'],
  DataType: ['Equals'],
  Label: ['Equals'],
  tag: ['Equals'],
};

const asPath = (name: string): string => (name.startsWith('/') ? name : `/${name}`);

const TESTS: Readonly<Record<string, (text: string, value: string) => boolean>> = {
  Equals: (text, value) => text === value,
  BeginsWith: (text, value) => text.startsWith(value),
  Contains: (text, value) => text.includes(value),
};

function textOf(parameter: Filtered, key: string): string {
  if (key === 'Type') return parameter.type;
  if (key === 'Tier') return parameter.tier;
  return key === 'DataType' ? parameter.dataType : (parameter.keyId ?? '');
}

function one(key: string, option: string, values: readonly string[]): Fits {
  const test = TESTS[option]!;
  if (key === 'Path') {
    const paths = values.map(checkPath);
    return ({ name }) => paths.some((path) => liesBelow(name, path, option === 'Recursive'));
  }
  if (key === 'Name') {
    const fits = (name: string, value: string) => (option === 'Contains' ? test(name, value) : test(asPath(name), asPath(value)));
    return ({ name }) => values.some((value) => fits(name, value));
  }
  if (key === 'Label') return ({ labels }) => values.some((value) => labels.includes(value));
  if (key.startsWith('tag:')) {
    const tag = key.slice('tag:'.length);
    return ({ tags }) => Object.hasOwn(tags, tag) && (values.length === 0 || values.includes(tags[tag]!));
  }
  return (parameter) => values.some((value) => test(textOf(parameter, key), value));
}

/** All filters together; throws InvalidFilterKey, -Option or -Value. `keys` are those that the operation takes. */
export function compileFilters(filters: ParameterStringFilterList = [], keys: readonly string[]): Fits {
  const seen = new Set<string>();
  const tests = filters.map(({ Key: key, Option, Values: values = [] }) => {
    const kind = key.startsWith('tag:') ? 'tag' : key;
    if (!keys.includes(kind))
      throw errors.InvalidFilterKey(`The following filter key is not valid: ${key}. Valid filter keys include: [${keys.join(', ')}].`);
    if (seen.has(key)) {
      throw errors.InvalidFilterKey(
        `The following filter is duplicated in the request: ${key}. A request can contain only one occurrence of a specific filter.`,
      );
    }
    seen.add(key);
    const options = OPTIONS[kind]!;
    const option = Option ?? options[0]!;
    if (!options.includes(option))
      throw errors.InvalidFilterOption(
        `The following filter option is not valid: ${option}. Valid options include: [${options.join(', ')}].`,
      );
    if (values.length === 0 && kind !== 'tag')
      throw errors.InvalidFilterValue(`The following filter values are missing : null for filter key ${key}`);
    return one(key, option, values);
  });
  return (parameter) => tests.every((test) => test(parameter));
}

/** The filters of former days: names begin with the value, types and keys equal it. */
export function compileOldFilters(filters: ParametersFilterList): Fits {
  const tests = filters.map(({ Key: key, Values: values }) => one(key, key === 'Name' ? 'BeginsWith' : 'Equals', values));
  return (parameter) => tests.every((test) => test(parameter));
}
