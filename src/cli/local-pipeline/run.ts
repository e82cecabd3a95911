import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type PipewrightClient } from '../../client/client.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Settings } from '../../kernel/options.ts';
import { ask } from '../ask.ts';
import { EXIT, Failure } from '../failure.ts';
import { follow } from '../follow.ts';
import { isLive, painter } from '../paint.ts';
import { requireGit } from '../quickstart-git.ts';
import type { Approval } from '../snapshot.ts';
import type { CliTools } from '../tools.ts';
import { WakeUps } from '../wake-ups.ts';
import { localPipeline, readPipeline, type LocalPipeline } from './declaration.ts';
import { saveArtifacts, saveBucket } from './outputs.ts';
import { createPipeline, type ProjectWish } from './resources.ts';
import { WorkTreeCommit } from './work-tree.ts';

export interface PipelineRun {
  /** The pipeline's file. */
  readonly file: string;
  /** The work tree. */
  readonly folder: string;
  /** Where what comes out of it goes; a temporary folder, which is kept, where it is undefined. */
  readonly outputs: string | undefined;
  /** Give approvals without asking. */
  readonly yes: boolean;
  readonly wish: Omit<ProjectWish, 'env'>;
  /** Of the server; folder, port, account and region are chosen here. */
  readonly settings: Settings;
}

/** How long the execution may take to show, ms: it takes a few. */
const PATIENCE_MS = 30_000;

interface Running {
  readonly tools: CliTools;
  readonly client: PipewrightClient;
  readonly local: LocalPipeline;
  readonly yes: boolean;
  readonly signal: AbortSignal;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`--pipeline: ${messageOf(error)}`, EXIT.usage);
  }
}

/** Creating the pipeline has started it: all its sources have a revision. */
async function executionOf({ client, local }: Running): Promise<string> {
  const pipelineName = local.pipeline.name;
  const wakeUps = new WakeUps(client);
  try {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await wakeUps.next(500)) {
      const { pipelineExecutionSummaries = [] } = await client.codepipeline.listPipelineExecutions({ pipelineName });
      const id = pipelineExecutionSummaries[0]?.pipelineExecutionId;
      if (id !== undefined) return id;
    }
  } finally {
    wakeUps.close();
  }
  throw new Failure('The pipeline did not start.');
}

/** Answers how many lines of the terminal the question took. */
async function decide({ tools, client, local, yes, signal }: Running, approval: Approval, decided: AbortSignal): Promise<number> {
  const { stageName, actionName, token } = approval;
  if (!yes && tools.stdin.isTTY !== true)
    throw new Failure(`${stageName}/${actionName} waits for an approval, and there is no terminal to ask on: --yes gives it.`);
  const question = `\nApprove ${stageName}/${actionName}? [Y/n] `;
  const approved = yes || (await ask(tools, question, AbortSignal.any([decided, signal])));
  if (approved === undefined) return 2;
  const result = { status: approved ? ('Approved' as const) : ('Rejected' as const), summary: '' };
  await client.codepipeline.putApprovalResult({ pipelineName: local.pipeline.name, stageName, actionName, token, result });
  return yes ? 0 : 2;
}

async function keepOutputs({ tools, client, local }: Running, pipelineExecutionId: string, folder: string): Promise<void> {
  const lines: string[] = [];
  for (const bucket of local.deployBuckets) {
    const count = await saveBucket(client, bucket, join(folder, bucket));
    if (count > 0) lines.push(`  ${join(folder, bucket)} (${count} ${count === 1 ? 'file' : 'files'} deployed to ${bucket})`);
  }
  const pipelineName = local.pipeline.name;
  const artifacts = await saveArtifacts(client, { pipelineName, pipelineExecutionId, folder: join(folder, 'artifacts') });
  lines.push(...artifacts.map((path) => `  ${path}`));
  if (lines.length > 0) tools.stdout.write(`\nWhat came out of it:\n${lines.join('\n')}\n`);
}

async function deliver(running: Running, outputs: string | undefined): Promise<void> {
  const { tools, client, local } = running;
  const executionId = await executionOf(running);
  const { status } = await follow({
    client,
    pipeline: local.pipeline.name,
    executionId,
    out: tools.stdout,
    live: isLive(tools),
    logs: true,
    onApproval: (approval, decided) => decide(running, approval, decided),
  });
  await keepOutputs(running, executionId, outputs ?? mkdtempSync(join(tmpdir(), 'pipewright-pipeline-')));
  if (status !== 'Succeeded') throw new Failure(`The pipeline ended as ${status}.`);
}

async function onServer(tools: CliTools, data: string, run: PipelineRun, local: LocalPipeline): Promise<void> {
  const { account, region } = local;
  const tree = await WorkTreeCommit.make(run.folder, tools.env);
  const server = await tools.startServer({ ...run.settings, port: 0, host: '127.0.0.1', data, account, region, auth: 'sigv4' });
  const stop = new AbortController();
  const client = createClient({ endpoint: server.endpoint, region, credentials: server.credentials, signal: stop.signal });
  const over = tools.interrupted().then(() => Promise.reject(new Failure('Interrupted.', EXIT.interrupted)));
  over.catch(() => undefined);
  const running = { tools, client, local, yes: run.yes, signal: stop.signal };
  const all = async (): Promise<void> => {
    await createPipeline(client, server, { local, tree, wish: { ...run.wish, env: tools.env } });
    await deliver(running, run.outputs);
  };
  try {
    await Promise.race([all(), over]);
  } finally {
    stop.abort();
    client.close();
    tree.remove();
    await server.close();
  }
}

/** Runs a whole pipeline on the work tree as it is, on a server that lives as long as that takes. Throws Failure unless it succeeds. */
export async function runPipeline(tools: CliTools, run: PipelineRun): Promise<void> {
  const { AWS_REGION, AWS_DEFAULT_REGION } = tools.env;
  const local = localPipeline(readPipeline(textOf(run.file), run.file), AWS_REGION || AWS_DEFAULT_REGION || run.settings.region);
  requireGit(tools.env);
  const paint = painter(tools);
  for (const note of local.notes) tools.stdout.write(`${paint('quiet', note)}\n`);
  const data = mkdtempSync(join(tmpdir(), 'pipewright-run-'));
  try {
    await onServer(tools, data, run, local);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}
