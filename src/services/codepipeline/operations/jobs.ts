import { createHash, timingSafeEqual } from 'node:crypto';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api } from '../api.gen.ts';
import type { JobDesk } from '../jobs/desk.ts';
import type { CustomTypes } from '../jobs/custom-types.ts';
import { catalogueKey, type TypeId } from '../rules/catalogue.ts';

type Own = Pick<Api, 'pollForJobs' | 'acknowledgeJob' | 'getJobDetails' | 'putJobSuccessResult' | 'putJobFailureResult'>;
type ThirdParty = Pick<
  Api,
  | 'pollForThirdPartyJobs'
  | 'acknowledgeThirdPartyJob'
  | 'getThirdPartyJobDetails'
  | 'putThirdPartyJobSuccessResult'
  | 'putThirdPartyJobFailureResult'
>;

async function requireType(types: CustomTypes, id: TypeId, ctx: CallContext): Promise<void> {
  await types.ready();
  const known = types.find(id, ctx);
  if (!known || known.deleted) throw errors.ActionTypeNotFoundException(`ActionType ${catalogueKey(id)} does not exist.`);
}

/** What workers of custom actions call. */
export function jobOperations(desk: JobDesk, types: CustomTypes): Own {
  return {
    async pollForJobs({ actionTypeId, maxBatchSize = 1, queryParam = {} }, ctx) {
      await requireType(types, actionTypeId, ctx);
      const query = Object.entries(queryParam).map(([name, value]) => `${name}=${value}`)[0] ?? '';
      const taken = await desk.poll(actionTypeId, ctx, maxBatchSize, query);
      const jobs = taken.map(async ({ id, nonce, live }) => ({ id, nonce, accountId: live.row.account, data: await desk.dataFor(live) }));
      return { jobs: await Promise.all(jobs) };
    },

    acknowledgeJob: async ({ jobId, nonce }) => ({ status: await desk.acknowledge(jobId, nonce) }),

    getJobDetails: async ({ jobId }, ctx) => ({ jobDetails: { id: jobId, accountId: ctx.account, data: await desk.details(jobId) } }),

    putJobSuccessResult: ({ jobId, ...success }) => desk.succeeded(jobId, success),

    putJobFailureResult: ({ jobId, failureDetails }) => desk.failed(jobId, failureDetails),
  };
}

/** The same for third parties' actions: a job's caller shows its client's token. */
export function thirdPartyOperations(desk: JobDesk, types: CustomTypes, secrets: SecretBox): ThirdParty {
  const check = async (jobId: string, clientToken: string): Promise<void> => {
    const sealed = (await desk.typeOf(jobId))?.client?.token;
    const digest = (text: string) => createHash('sha256').update(text).digest();
    const same = sealed !== undefined && timingSafeEqual(digest(clientToken), digest(secrets.open(sealed)));
    if (!same) throw errors.InvalidClientTokenException('The client token is not that of the job’s client.');
  };
  return {
    async pollForThirdPartyJobs({ actionTypeId, maxBatchSize = 1 }, ctx) {
      await requireType(types, actionTypeId, ctx);
      const clientId = types.find(actionTypeId, ctx)?.type.client?.id ?? '';
      return { jobs: (await desk.poll(actionTypeId, ctx, maxBatchSize, '')).map(({ id: jobId }) => ({ clientId, jobId })) };
    },

    async acknowledgeThirdPartyJob({ jobId, nonce, clientToken }) {
      await check(jobId, clientToken);
      return { status: await desk.acknowledge(jobId, nonce) };
    },

    async getThirdPartyJobDetails({ jobId, clientToken }) {
      await check(jobId, clientToken);
      return { jobDetails: { id: jobId, data: await desk.details(jobId), nonce: await desk.nonceOf(jobId) } };
    },

    async putThirdPartyJobSuccessResult({ jobId, clientToken, ...success }) {
      await check(jobId, clientToken);
      await desk.succeeded(jobId, success);
    },

    async putThirdPartyJobFailureResult({ jobId, clientToken, failureDetails }) {
      await check(jobId, clientToken);
      await desk.failed(jobId, failureDetails);
    },
  };
}
