/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html: JSON is processed up to this many levels deep. */
const DEEPEST = 1000;

/** Whether a JSON value is nested deeper than EventBridge looks. Does not recurse: the value may be a thousand times that deep. */
export function tooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    const below: unknown[] = [];
    for (const item of level)
      if (typeof item === 'object' && item !== null)
        for (const member of Array.isArray(item) ? (item as unknown[]) : Object.values(item))
          if (typeof member === 'object' && member !== null) below.push(member);
    level = below;
  }
  return false;
}
