/** Role chaining: a session of a role assumes another; an hour at most, whatever the role allows. */
const CHAINED = 3600;
const DEFAULT = 3600;

export type Duration = { readonly seconds: number } | { readonly refused: string };

/**
 * How long an assumed role's session lasts.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (DurationSeconds)
 */
export function sessionDuration(
  asked: number | undefined,
  { chained, max }: { readonly chained: boolean; readonly max: number },
): Duration {
  if (asked === undefined) return { seconds: DEFAULT };
  if (chained && asked > CHAINED) {
    return { refused: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining' };
  }
  if (asked > max) return { refused: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.' };
  return { seconds: asked };
}
