import { messageOf } from '../../kernel/errors.ts';
import type { Workspace } from '../../runtimes/runtime.ts';
import type { BuildJob } from '../../services/pipewright/api.gen.ts';
import { clientError, PhaseFailure } from './failure.ts';
import { idOf } from './job-id.ts';
import { registryLogin } from './secrets.ts';
import type { BuildTools } from './tools.ts';

/** Makes the build's place. AWS's words where there is no such image: https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html */
export async function provision(job: BuildJob, tools: BuildTools): Promise<Workspace> {
  const { runtime, log, signal, endpoint, aws } = tools;
  const { image = 'host', projectName, account, region, environment } = job;
  const { computeType, privilegedMode: privileged = false, registryCredential } = environment;
  const login = registryCredential === undefined || !aws ? undefined : await registryLogin(registryCredential, { aws, signal });
  const tell = (line: string): void => log.agent(line);
  const project = `${account}/${region}/${projectName}`;
  try {
    return await runtime.prepare(idOf(job), { project, image, computeType, privileged, endpoint, tell, signal, ...(login && { login }) });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ImageUnavailable') throw new PhaseFailure('BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE', messageOf(error));
    if (code === 'IsolationUnavailable') throw clientError(messageOf(error));
    // An image without a shell, say, or a privilege that the engine does not grant.
    throw code === 'EngineRefusal' ? clientError(messageOf(error)) : error;
  }
}
