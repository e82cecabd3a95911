import { createHash, timingSafeEqual } from 'node:crypto';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type QueryParamMap } from '../api.gen.ts';
import type { JobDesk } from '../jobs/desk.ts';
import type { CustomTypes } from '../jobs/custom-types.ts';
import type { Counter, JobFile } from '../jobs/job-file.ts';
import { catalogueKey, type TypeId } from '../rules/catalogue.ts';
import type { CustomType } from '../rules/custom-type.ts';

type Own = Pick<Api, 'pollForJobs' | 'acknowledgeJob' | 'getJobDetails' | 'putJobSuccessResult' | 'putJobFailureResult'>;
type ThirdParty = Pick<
  Api,
  | 'pollForThirdPartyJobs'
  | 'acknowledgeThirdPartyJob'
  | 'getThirdPartyJobDetails'
  | 'putThirdPartyJobSuccessResult'
  | 'putThirdPartyJobFailureResult'
>;

export interface DeskTools {
  readonly desk: JobDesk;
  readonly file: JobFile;
  readonly types: CustomTypes;
  readonly secrets: SecretBox;
}

const own = ({ account, region }: CallContext): Counter => ({ account, region, owner: 'Custom' });
const thirdParty = ({ account, region }: CallContext): Counter => ({ account, region, owner: 'ThirdParty' });

/** Each owner's jobs have their own calls: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PollForJobs.html */
async function requireType(types: CustomTypes, id: TypeId, at: Counter): Promise<CustomType> {
  await types.ready();
  const known = id.owner === at.owner ? types.find(id, at) : undefined;
  if (!known || known.deleted) throw errors.ActionTypeNotFoundException(`There is no ${at.owner} action type ${catalogueKey(id)}.`);
  return known.type;
}

function queryOf({ properties }: CustomType, queryParam: QueryParamMap): string {
  const [asked] = Object.entries(queryParam);
  if (!asked) return '';
  const [name, value] = asked;
  if (!properties.some((property) => property.name === name && property.queryable))
    throw errors.ValidationException(`The action type has no queryable property '${name}'.`);
  return `${name}=${value}`;
}

/** What workers of custom actions call. */
export function jobOperations({ desk, types }: DeskTools): Own {
  return {
    async pollForJobs({ actionTypeId, maxBatchSize = 1, queryParam = {} }, ctx) {
      const type = await requireType(types, actionTypeId, own(ctx));
      const taken = await desk.poll({ type: actionTypeId, at: own(ctx), count: maxBatchSize, query: queryOf(type, queryParam) });
      const jobs = taken.map(async ({ id, nonce, data }) => ({ id, nonce, accountId: ctx.account, data: await data() }));
      return { jobs: await Promise.all(jobs) };
    },

    acknowledgeJob: async ({ jobId, nonce }, ctx) => ({ status: await desk.acknowledge(jobId, nonce, own(ctx)) }),

    async getJobDetails({ jobId }, ctx) {
      const { nonce: _, ...data } = await desk.details(jobId, own(ctx), errors.JobNotFoundException);
      return { jobDetails: { id: jobId, accountId: ctx.account, data } };
    },

    putJobSuccessResult: ({ jobId, ...success }, ctx) => desk.succeeded(jobId, own(ctx), success),

    putJobFailureResult: ({ jobId, failureDetails }, ctx) => desk.failed(jobId, own(ctx), failureDetails),
  };
}

/** The same for third parties' actions: a job's caller shows its client's token. */
export function thirdPartyOperations({ desk, file, types, secrets }: DeskTools): ThirdParty {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const check = async (jobId: string, clientToken: string, ctx: CallContext): Promise<Counter> => {
    const at = thirdParty(ctx);
    const row = await file.row(jobId, at);
    await types.ready();
    const sealed = file.typeOf(row)?.client?.token;
    const same = sealed !== undefined && timingSafeEqual(digest(clientToken), digest(secrets.open(sealed)));
    if (!same) throw errors.InvalidClientTokenException('The client token is not that of the job’s client.');
    return at;
  };
  return {
    async pollForThirdPartyJobs({ actionTypeId, maxBatchSize = 1 }, ctx) {
      const at = thirdParty(ctx);
      const { client } = await requireType(types, actionTypeId, at);
      const taken = await desk.poll({ type: actionTypeId, at, count: maxBatchSize, query: '' });
      return { jobs: taken.map(({ id: jobId }) => ({ jobId, ...(client && { clientId: client.id }) })) };
    },

    async acknowledgeThirdPartyJob({ jobId, nonce, clientToken }, ctx) {
      return { status: await desk.acknowledge(jobId, nonce, await check(jobId, clientToken, ctx)) };
    },

    async getThirdPartyJobDetails({ jobId, clientToken }, ctx) {
      const at = await check(jobId, clientToken, ctx);
      const { nonce, ...data } = await desk.details(jobId, at, errors.InvalidJobException);
      return { jobDetails: { id: jobId, data, nonce } };
    },

    async putThirdPartyJobSuccessResult({ jobId, clientToken, ...success }, ctx) {
      await desk.succeeded(jobId, await check(jobId, clientToken, ctx), success);
    },

    async putThirdPartyJobFailureResult({ jobId, clientToken, failureDetails }, ctx) {
      await desk.failed(jobId, await check(jobId, clientToken, ctx), failureDetails);
    },
  };
}
