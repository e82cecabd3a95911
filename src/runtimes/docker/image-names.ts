import { isObject } from '../../kernel/json.ts';
import { PipewrightError } from '../../kernel/errors.ts';

/** From names in projects to names that an engine can pull. A name that ends in `*` stands for all that begin so. */
export type ImageMap = Readonly<Record<string, string>>;

/** AWS's curated images, where it publishes them for everybody: https://gallery.ecr.aws/codebuild */
const CURATED: ImageMap = { 'aws/codebuild/*': 'public.ecr.aws/codebuild/*' };

/** The engine's name for a project's image. The given map comes before ours, whole names before beginnings, longer ones before shorter. */
export function engineImage(image: string, given: ImageMap): string {
  for (const map of [given, CURATED]) {
    const exact = map[image];
    if (exact !== undefined && !image.endsWith('*')) return exact;
    const beginnings = Object.keys(map).filter((key) => key.endsWith('*') && image.startsWith(key.slice(0, -1)));
    const [longest] = beginnings.toSorted((a, b) => b.length - a.length);
    if (longest !== undefined) return map[longest]!.replace('*', image.slice(longest.length - 1));
  }
  return image;
}

export function parseImageMap(text: string, path: string): ImageMap {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PipewrightError('InvalidSettings', `${path} is no JSON`, { cause: error });
  }
  if (!isObject(value) || !Object.values(value).every((image) => typeof image === 'string' && image !== ''))
    throw new PipewrightError(
      'InvalidSettings',
      `${path} must hold an object of image names: {"aws/codebuild/standard:7.0": "my/image:1"}`,
    );
  return value as ImageMap;
}

export interface ImageName {
  /** `docker.io` where the name says none. */
  readonly registry: string;
  /** Without tag and digest. */
  readonly repository: string;
  /** A tag or a digest. */
  readonly version: string;
}

/** https://pkg.go.dev/github.com/distribution/reference: the first part is a registry only where it looks like a host. */
export function parseImage(image: string): ImageName {
  const [name, digest] = image.split('@') as [string, string | undefined];
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  const repository = tagged ? name.slice(0, colon) : name;
  const [first = ''] = repository.split('/');
  const isHost = repository.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  return { registry: isHost ? first : 'docker.io', repository, version: digest ?? (tagged ? name.slice(colon + 1) : 'latest') };
}
