import { PipewrightError } from '../../../kernel/errors.ts';
import type { BuildSource } from '../../pipewright/api.gen.ts';
import type { ProjectSource } from '../api.gen.ts';
import type { JobSource } from '../rules/build/job.ts';
import type { BuildSpec } from '../rules/build/state.ts';
import { sourceAccess, type SourceAccessTools, type SourceUser } from '../source-credentials/access.ts';

/** The source with what opens it. What is wrong with the credentials is for the build to say: it fails as it downloads. */
async function opened(tools: SourceAccessTools, wanted: ProjectSource, source: JobSource, user: SourceUser): Promise<BuildSource> {
  if (source.kind !== 'GIT') return source;
  try {
    const access = await sourceAccess(tools, wanted, user);
    if (!access) return source;
    const { url, username, password } = tools.hosts.git(access.host, access.repository);
    return { ...source, location: url, login: { username, password } };
  } catch (error) {
    if (!(error instanceof PipewrightError)) throw error;
    return { ...source, problem: error.message };
  }
}

/** A job's sources for its runner: it alone is told the credentials, and it tells git alone. */
export async function openedSources(
  tools: SourceAccessTools,
  spec: BuildSpec,
  job: { readonly source: JobSource; readonly secondarySources: readonly JobSource[] },
): Promise<{ readonly source: BuildSource; readonly secondarySources: readonly BuildSource[] }> {
  const { account, region, serviceRole: role } = spec;
  const open = (wanted: ProjectSource, source: JobSource) => opened(tools, wanted, source, { account, region, role });
  const [source, ...secondarySources] = await Promise.all([
    open(spec.source, job.source),
    ...spec.secondarySources.map((wanted, index) => open(wanted, job.secondarySources[index]!)),
  ]);
  return { source, secondarySources };
}
