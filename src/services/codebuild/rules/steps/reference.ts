import type { ActionReference } from './types.ts';

const NAME = /^[A-Za-z0-9][\w.-]*$/;
/** No spaces, nothing that git would take for an option or more than one reference. */
const REF = /^(?!-)[^\s~^:?*[\\]+$/;

const isFolder = (path: string): boolean => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

function remote(text: string): ActionReference | undefined {
  const [, where = '', ref = ''] = /^([^@]+)@(.+)$/.exec(text) ?? [];
  const [owner = '', repository = '', ...rest] = where.split('/');
  const path = rest.join('/');
  const right = NAME.test(owner) && NAME.test(repository) && (path === '' || isFolder(path)) && REF.test(ref) && !ref.includes('..');
  return right ? { kind: 'remote', owner, repository, path, ref } : undefined;
}

/** Reads a step's `uses`; undefined where it is none of the three forms. */
export function parseReference(text: string): ActionReference | undefined {
  if (text.startsWith('docker://')) return text.length > 9 && !/\s/.test(text) ? { kind: 'image', image: text.slice(9) } : undefined;
  if (text === '.' || text.startsWith('./')) {
    const path = text.slice(2).replace(/\/+$/, '');
    return path === '' || isFolder(path) ? { kind: 'local', path } : undefined;
  }
  return remote(text);
}
