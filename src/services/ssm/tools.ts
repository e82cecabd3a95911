import { createHash } from 'node:crypto';
import { formatArn, type Arn } from '../../kernel/arn.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import type { CallContext } from '../../protocol/context.ts';
import type { ServiceTools } from '../../protocol/service.ts';
import { errors, type Parameter } from './api.gen.ts';
import { parseReference } from './rules/names.ts';
import type { StoredTier } from './rules/value.ts';
import { sql, type LabelRow, type VersionRow } from './tables.ts';

export interface SsmTools extends ServiceTools {
  readonly secrets: SecretBox;
}

export type Place = Pick<CallContext, 'account' | 'region'>;

/** What a version says of its parameter, beside type and value. */
export interface VersionData {
  readonly tier: StoredTier;
  readonly dataType: string;
  readonly description?: string;
  /** Of SecureStrings. */
  readonly keyId?: string;
  readonly allowedPattern?: string;
  /** The ARN of who wrote it. */
  readonly user: string;
}

export const dataOf = (row: VersionRow): VersionData => JSON.parse(row.data) as VersionData;

export function parameterArn({ account, region }: Place, name: string): Arn {
  return formatArn('ssm', region, account, `parameter/${name.replace(/^\//, '')}`);
}

/** AWS says nothing more than the code. */
export const notFound = () => errors.ParameterNotFound('');

/** The newest version; undefined where there is no such parameter. */
export function findNewest({ db }: SsmTools, { account, region }: Place, name: string): Promise<VersionRow | undefined> {
  return db.get<VersionRow>(sql.newest, account, region, name);
}

/** Throws ParameterNotFound. */
export async function requireNewest(tools: SsmTools, place: Place, name: string): Promise<VersionRow> {
  const row = await findNewest(tools, place, name);
  if (!row) throw notFound();
  return row;
}

async function selected(tools: SsmTools, place: Place, name: string, selector: string): Promise<VersionRow | undefined> {
  const { account, region } = place;
  const label = /^\d+$/.test(selector) ? undefined : selector;
  const labels = label === undefined ? [] : await tools.db.all<LabelRow>(sql.labels, account, region, name);
  const version = label === undefined ? Number(selector) : labels.find((row) => row.label === label)?.version;
  return version === undefined ? undefined : tools.db.get<VersionRow>(sql.version, account, region, name, version);
}

/** The version that a name, a name with a selector or an ARN leads to. Throws ParameterNotFound or ParameterVersionNotFound. */
export async function requireReference(
  tools: SsmTools,
  place: Place,
  text: string,
): Promise<{ readonly row: VersionRow; readonly selector?: string }> {
  const reference = parseReference(text, place);
  for (const name of reference?.names ?? []) {
    const newest = await findNewest(tools, place, name);
    if (!newest) continue;
    const selector = reference?.selector;
    if (selector === undefined) return { row: newest };
    const row = await selected(tools, place, name, selector);
    if (row) return { row, selector: `:${selector}` };
    const what = /^\d+$/.test(selector) ? 'version' : 'version label';
    throw errors.ParameterVersionNotFound(
      `Systems Manager could not find ${what} ${selector} of ${name}. Verify the ${what} and try again.`,
    );
  }
  throw notFound();
}

/**
 * What a caller without WithDecryption gets for a SecureString: a text that changes with the value and says nothing of it. Not the sealed
 * text itself: nobody may have the server seal a text of his choice and take it elsewhere.
 */
function opaque(sealed: string): string {
  return createHash('sha512').update('ssm').update(sealed).digest('base64');
}

export function valueOf(tools: SsmTools, row: VersionRow, decrypt: boolean | undefined): string {
  if (row.type !== 'SecureString') return row.value;
  return decrypt ? tools.secrets.open(row.value) : opaque(row.value);
}

export function parameterView(tools: SsmTools, place: Place, row: VersionRow, decrypt: boolean | undefined): Parameter {
  return {
    Name: row.name,
    Type: row.type,
    Value: valueOf(tools, row, decrypt),
    Version: row.version,
    LastModifiedDate: row.modified,
    ARN: parameterArn(place, row.name),
    DataType: dataOf(row).dataType,
  };
}
