import { errors, type TagListType } from '../api.gen.ts';

const MOST_TAGS = 50;

/** Throws where a secret would have more tags than it may, or one that AWS keeps to itself. */
export function checkTags(known: readonly string[], added: TagListType): void {
  for (const { Key: key = '' } of added) {
    if (key === '' || /^aws:/i.test(key))
      throw errors.InvalidParameterException(`The tag key ${JSON.stringify(key)} is not valid: it is empty, or begins with aws:.`);
  }
  const names = new Set([...known, ...added.map(({ Key }) => Key)]);
  if (names.size > MOST_TAGS) throw errors.LimitExceededException(`A secret can have at most ${MOST_TAGS} tags.`);
}
