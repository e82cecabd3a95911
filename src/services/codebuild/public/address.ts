import type { StoredProject } from '../operations/tools.ts';

/** Where public builds are shown (planes/public-builds.ts). */
const BUILDS = '/_pipewright/builds/';

/** Where everybody may look at a build; undefined unless its project is public. */
export function publicUrlOf(
  endpoint: string,
  { project, extras }: Pick<StoredProject, 'project' | 'extras'>,
  uuid: string,
): string | undefined {
  if (project.projectVisibility !== 'PUBLIC_READ' || extras.public_alias === null) return undefined;
  return `${endpoint}${BUILDS}${extras.public_alias}/${uuid}`;
}
