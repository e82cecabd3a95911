import { OPTIONS, type Settings } from '../kernel/options.ts';
import { duration } from './render.ts';
import { NAMES } from './quickstart-resources.ts';
import { shellWord } from './shell.ts';
import type { Site } from './quickstart-run.ts';
import type { RunningServer } from './tools.ts';

type Server = Pick<RunningServer, 'endpoint' | 'data'>;

export interface Next {
  /** How the user calls this program. */
  readonly self: string;
  readonly server: Server;
  readonly settings: Settings;
  /** Commands find the folder without being told. */
  readonly isDefault: boolean;
}

/** Where the site is. */
export function siteAddresses({ server, url, ms }: Site & { readonly server: Server }): string {
  const { port, protocol } = new URL(server.endpoint);
  return `\nDeployed: ${url}\n          ${protocol}//${NAMES.siteBucket}.s3-website.localhost:${port}/\nFrom push to site: ${duration(ms)}\n`;
}

/** Commands to go on with, ready to be copied. */
export function whatNext({ self, server, settings, isDefault }: Next): string {
  const { repository, pipeline, project } = NAMES;
  const data = isDefault ? '' : ` --data ${shellWord(server.data)}`;
  const region = settings.region === OPTIONS.region.default ? '' : ` --region ${settings.region}`;
  const helper = `!${self} git-credential${data}`;
  return `
What to try next, in another terminal:

  # change the site; each push starts the pipeline
  git clone -c credential.helper= -c credential.helper=${shellWord(helper)} \\
    -c credential.useHttpPath=true ${server.endpoint}/v1/repos/${repository}
  cd ${repository} && echo 'Hello!' >> src/index.md && git commit -am 'Say hello' && git push
  ${self} watch ${pipeline}${data}
  ${self} approve ${pipeline}${data}

  # the AWS CLI, SDKs and tools work against it
  eval "$(${self} env${data}${region})"
  aws codepipeline get-pipeline-state --name ${pipeline}
  aws logs tail /aws/codebuild/${project} --follow

The server goes on until Ctrl-C.
`;
}
