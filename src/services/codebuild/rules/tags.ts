import { errors, type TagList } from '../api.gen.ts';

/** A resource has one value for a key. Throws InvalidInputException. https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export function validateTags(tags: TagList = []): void {
  const seen = new Set<string>();
  for (const { key = '' } of tags) {
    if (seen.has(key)) throw errors.InvalidInputException(`Invalid tags: a key is given more than once: ${key}`);
    seen.add(key);
  }
}
