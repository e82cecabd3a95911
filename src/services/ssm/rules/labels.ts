import { errors } from '../api.gen.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html */
const MOST_PER_VERSION = 10;

/** Letters, digits, `.-_`; not beginning with a digit, aws or ssm. */
export function isLabel(text: string): boolean {
  return /^[A-Za-z._-][A-Za-z0-9._-]{0,99}$/.test(text) && !/^(aws|ssm)/i.test(text);
}

export interface Labelled {
  readonly label: string;
  readonly version: number;
}

/** Throws where the version would have more labels than it may. */
export function checkLabels(known: readonly Labelled[], version: number, wanted: readonly string[]): void {
  const labels = new Set(known.filter((row) => row.version === version).map(({ label }) => label));
  for (const label of wanted) labels.add(label);
  if (labels.size > MOST_PER_VERSION) {
    throw errors.ParameterVersionLabelLimitExceeded(
      `A parameter version can have maximum ${MOST_PER_VERSION} labels.Move one or more labels to another version and try again.`,
    );
  }
}
