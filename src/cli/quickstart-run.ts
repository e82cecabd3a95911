import type { PipewrightClient } from '../client/client.ts';
import { ask } from './ask.ts';
import { Failure } from './failure.ts';
import { follow } from './follow.ts';
import { isLive, painter } from './paint.ts';
import { pushExample } from './quickstart-git.ts';
import { createExample, NAMES } from './quickstart-resources.ts';
import type { Approval } from './snapshot.ts';
import type { CliTools } from './tools.ts';
import { WakeUps } from './wake-ups.ts';

export interface Delivery {
  readonly tools: CliTools;
  readonly client: PipewrightClient;
  readonly endpoint: string;
  /** The project's folder. */
  readonly example: string;
  /** Give the approval without asking. */
  readonly yes: boolean;
  /** Ends a question that is being asked. */
  readonly signal: AbortSignal;
}

export interface Site {
  readonly url: string;
  /** From the push to the site, ms. */
  readonly ms: number;
}

/** How long after a push its execution may take to show, ms: it takes a few. */
const PATIENCE_MS = 30_000;

/** From nothing to a site that answers. */
export async function deliver(delivery: Delivery): Promise<Site> {
  const { tools, client, endpoint, example } = delivery;
  const done = painter(tools)('good', '✓');
  const said = (what: string) => void tools.stdout.write(`${done} ${what}\n`);
  const { cloneUrl, login } = await createExample(client, { example, env: tools.env }, said);
  const begun = Date.now();
  const commit = await pushExample(tools.env, example, cloneUrl, login);
  said(`pushed commit ${commit.id.slice(0, 8)}: ${commit.message}\n`);
  await followToTheEnd(delivery, await executionOf(client, commit.id));
  const url = `${endpoint}/_website/${NAMES.siteBucket}/`;
  const { status } = await fetch(url);
  if (status !== 200) throw new Failure(`The site was deployed, but ${url} answers ${status}.`);
  return { url, ms: Date.now() - begun };
}

/** The push's own event starts the execution; here we only wait to be told. */
async function executionOf(client: PipewrightClient, commit: string): Promise<string> {
  const wakeUps = new WakeUps(client);
  try {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await wakeUps.next(1_000)) {
      const { pipelineExecutionSummaries = [] } = await client.codepipeline.listPipelineExecutions({ pipelineName: NAMES.pipeline });
      const ours = pipelineExecutionSummaries.find(({ sourceRevisions = [] }) =>
        sourceRevisions.some(({ revisionId }) => revisionId === commit),
      );
      if (ours?.pipelineExecutionId !== undefined) return ours.pipelineExecutionId;
    }
  } finally {
    wakeUps.close();
  }
  throw new Failure('The push started no execution.');
}

async function followToTheEnd(delivery: Delivery, executionId: string): Promise<void> {
  const { tools, client } = delivery;
  const { status } = await follow({
    client,
    pipeline: NAMES.pipeline,
    executionId,
    out: tools.stdout,
    live: isLive(tools),
    logs: true,
    onApproval: (approval, decided) => decide(delivery, approval, decided),
  });
  if (status !== 'Succeeded') throw new Failure(`The execution ended as ${status}, so there is no site.`);
}

/** Gives the approval, or asks for it. Answers how many lines of the terminal the question took. */
async function decide({ tools, client, yes, signal }: Delivery, approval: Approval, decided: AbortSignal): Promise<number> {
  const { stageName, actionName, token } = approval;
  const question = `\nDeploy it? [Y/n] `;
  const approved = yes || (await ask(tools, question, AbortSignal.any([decided, signal])));
  const lines = yes ? 0 : 2;
  if (approved === undefined) return lines;
  const result = approved
    ? ({ status: 'Approved', summary: 'Looks good' } as const)
    : ({ status: 'Rejected', summary: 'Not today' } as const);
  await client.codepipeline.putApprovalResult({ pipelineName: NAMES.pipeline, stageName, actionName, token, result });
  return lines;
}
