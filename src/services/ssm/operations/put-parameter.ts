import { WriteConflict, write, type Write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type PutParameterRequest } from '../api.gen.ts';
import { parameterEvent } from '../events.ts';
import { checkAllowed } from '../rules/allowed-pattern.ts';
import { checkNewName } from '../rules/names.ts';
import { checkDataType, checkPolicies, tierFor } from '../rules/value.ts';
import { sql, type LabelRow, type VersionRow } from '../tables.ts';
import { dataOf, findNewest, type SsmTools, type VersionData } from '../tools.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html */
const MOST_VERSIONS = 100;
/** The key that encrypts where nobody names one, as AWS shows it. */
const DEFAULT_KEY = 'alias/aws/ssm';
/** Calls that write the same parameter at the same instant meet; each meeting lets one through. */
const TRIES = 20;

const invalid = (message: string) => errors.ValidationException(message);

function check(input: PutParameterRequest, before: VersionRow | undefined): void {
  if (before && !input.Overwrite) {
    throw errors.ParameterAlreadyExists(
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  if (input.Overwrite && input.Tags && input.Tags.length > 0) {
    throw invalid(
      `Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. ` +
        'To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.',
    );
  }
  if (!before && !input.Type) throw invalid('A parameter type is required when you create a parameter.');
  checkPolicies(input.Policies);
  checkDataType(input.DataType ?? 'text');
}

/** The new version, its value in clear; what the call leaves out stays as it was. */
function next(input: PutParameterRequest, before: VersionRow | undefined, ctx: CallContext, now: number): VersionRow {
  const known = before && dataOf(before);
  const type = input.Type ?? before!.type;
  const description = input.Description ?? known?.description;
  const allowedPattern = input.AllowedPattern ?? known?.allowedPattern;
  checkAllowed(allowedPattern, input.Value);
  const data: VersionData = {
    tier: tierFor(Buffer.byteLength(input.Value), input.Tier, known?.tier),
    dataType: input.DataType ?? known?.dataType ?? 'text',
    ...(description !== undefined && { description }),
    ...(type === 'SecureString' && { keyId: input.KeyId ?? known?.keyId ?? DEFAULT_KEY }),
    ...(allowedPattern !== undefined && allowedPattern !== '' && { allowedPattern }),
    user: ctx.principal.arn,
  };
  const version = (before?.version ?? 0) + 1;
  return { name: input.Name, version, type, value: input.Value, modified: now, data: JSON.stringify(data) };
}

/** Makes room for one more version: the oldest goes, unless a label holds it. */
async function pruned({ db }: SsmTools, { account, region }: CallContext, name: string): Promise<readonly Write[]> {
  const { count } = (await db.get<{ count: number }>(sql.countVersions, account, region, name))!;
  if (count < MOST_VERSIONS) return [];
  const oldest = (await db.get<VersionRow>(sql.oldest, account, region, name))!;
  const labels = await db.all<LabelRow>(sql.labels, account, region, name);
  if (labels.some(({ version }) => version === oldest.version)) {
    throw errors.ParameterMaxVersionLimitExceeded(
      `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, ` +
        `the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    );
  }
  return [write(sql.deleteVersion, [account, region, name, oldest.version])];
}

async function put(tools: SsmTools, input: PutParameterRequest, ctx: CallContext): Promise<VersionRow> {
  const { account, region } = ctx;
  const before = await findNewest(tools, ctx, input.Name);
  check(input, before);
  const row = next(input, before, ctx, tools.clock.now());
  const { name, version, type, modified, data } = row;
  const value = type === 'SecureString' ? tools.secrets.seal(row.value) : row.value;
  const head = before
    ? write(sql.advance, [version, account, region, name, before.version], { expect: 1 })
    : write(sql.insertParameter, [account, region, name]);
  await tools.commits.commit([
    head,
    ...(before ? await pruned(tools, ctx, name) : []),
    write(sql.insertVersion, [account, region, name, version, type, value, modified, data]),
    ...(input.Tags ?? []).map(({ Key, Value }) => write(sql.putTag, [account, region, name, Key, Value])),
    tools.bus.write(parameterEvent(tools, ctx, row, before ? 'Update' : 'Create')),
  ]);
  return row;
}

export function putOperations(tools: SsmTools): Pick<Api, 'putParameter'> {
  return {
    async putParameter(input, ctx) {
      checkNewName(input.Name);
      for (let tries = 0; tries < TRIES; tries++) {
        try {
          const row = await put(tools, input, ctx);
          return { Version: row.version, Tier: dataOf(row).tier };
        } catch (error) {
          // Somebody else has written it meanwhile: look again.
          if (!(error instanceof WriteConflict)) throw error;
        }
      }
      throw errors.TooManyUpdates('There are concurrent updates for a resource that supports one update at a time.');
    },
  };
}
