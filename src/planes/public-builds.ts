import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { facts, html, sendPage, type Html } from './page.ts';

const PREFIX = '/_pipewright/builds/';

export interface PublicBuild {
  readonly number: number;
  readonly uuid: string;
  readonly status: string;
  /** Epoch ms. */
  readonly started: number;
  readonly ended?: number;
  readonly sourceVersion?: string;
  readonly resolvedVersion?: string;
  readonly phases: readonly { readonly type: string; readonly status: string; readonly seconds?: number; readonly message?: string }[];
}

/** Builds that their project shows to everybody who has its alias. Undefined where there is no such project, or it is private. */
export interface PublicBuilds {
  /** The newest builds, at most 100. */
  project(alias: string): Promise<{ readonly name: string; readonly builds: readonly PublicBuild[] } | undefined>;
  build(alias: string, uuid: string): Promise<{ readonly name: string; readonly build: PublicBuild } | undefined>;
  /** The log's lines; undefined also where the project names no role that may read logs. */
  log(alias: string, uuid: string): Promise<AsyncIterable<string> | undefined>;
}

const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

const NOTHING = { title: 'There is no such build', body: html`<p>The address is not complete, or the builds are not public.</p>` };

function projectPage(alias: string, name: string, builds: readonly PublicBuild[]): { title: string; body: Html } {
  const rows = builds.map(({ number, uuid, status, started }): readonly [string, Html] => [
    `Build ${number}`,
    html`<a href="${PREFIX}${alias}/${uuid}">${status}</a>, ${time(started)}`,
  ]);
  return { title: name, body: builds.length === 0 ? html`<p>Nothing has been built yet.</p>` : facts(rows) };
}

function buildPage(alias: string, name: string, build: PublicBuild): { title: string; body: Html } {
  const { number, uuid, status, started, ended, sourceVersion, resolvedVersion, phases } = build;
  const about = facts([
    ['Status', status],
    ['Started', time(started)],
    ['Ended', ended === undefined ? undefined : time(ended)],
    ['Source version', sourceVersion],
    ['Resolved version', resolvedVersion],
    ['Log', html`<a href="${PREFIX}${alias}/${uuid}/log">Read</a>`],
    ['Project', html`<a href="${PREFIX}${alias}">${name}</a>`],
  ]);
  const steps = phases.map(({ type, status: how, seconds, message }): readonly [string, string] => [
    type,
    [how, seconds === undefined ? '' : `${seconds} s`, message ?? ''].filter((part) => part !== '').join(', '),
  ]);
  return { title: `${name}, build ${number}`, body: html`${[about, facts(steps)]}` };
}

async function* lines(log: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of log) yield line.endsWith('\n') ? line : `${line}\n`;
}

async function sendLog(response: ServerResponse, log: AsyncIterable<string>): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    // What a build prints is not ours: nothing in it runs here.
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  if (response.req.method === 'HEAD') return void response.end();
  // Whoever closes the page has read enough.
  await pipeline(Readable.from(lines(log)), response).catch(() => response.destroy());
}

/** `/_pipewright/builds/ALIAS[/UUID[/log]]`: the builds of projects that are public, for reading. */
export function createPublicBuildsPlane(builds: PublicBuilds) {
  const show = async (response: ServerResponse, alias: string, uuid: string | undefined): Promise<void> => {
    if (uuid === undefined) {
      const found = await builds.project(alias);
      return found ? sendPage(response, 200, projectPage(alias, found.name, found.builds)) : sendPage(response, 404, NOTHING);
    }
    const found = await builds.build(alias, uuid);
    return found ? sendPage(response, 200, buildPage(alias, found.name, found.build)) : sendPage(response, 404, NOTHING);
  };
  return {
    matches: (request: IncomingMessage): boolean => request.url?.startsWith(PREFIX) ?? false,
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const readable = request.method === 'GET' || request.method === 'HEAD';
      if (!readable) return sendPage(response, 405, { title: 'Not here', body: html`<p>Only GET is answered.</p>` });
      const match = /^([a-z2-7]{32})(?:\/([0-9a-f-]{36}))?(\/log)?$/.exec((request.url ?? '').slice(PREFIX.length).split('?', 1)[0]!);
      const [, alias, uuid, wantsLog] = match ?? [];
      if (alias === undefined || (wantsLog !== undefined && uuid === undefined)) return sendPage(response, 404, NOTHING);
      if (wantsLog === undefined || uuid === undefined) return show(response, alias, uuid);
      const log = await builds.log(alias, uuid);
      return log ? sendLog(response, log) : sendPage(response, 404, NOTHING);
    },
  };
}
