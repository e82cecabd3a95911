import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Arn } from '../../kernel/arn.ts';
import type { Ids } from '../../kernel/ids.ts';
import { ApiError } from '../../protocol/errors.ts';
import { encodeError } from '../../protocol/codec/errors.ts';
import { encodeOutput } from '../../protocol/codec/server.ts';
import { respond } from '../../protocol/respond.ts';
import type { Service } from '../../protocol/service.ts';
import { facts, html, sendPage } from '../page.ts';

/** What the plane needs of the service. */
export interface SnsPlaneTools {
  readonly service: Pick<Service, 'model'>;
  readonly links: {
    confirm(topicArn: Arn, token: string): Promise<Arn>;
    unsubscribe(subscriptionArn: Arn): Promise<void>;
  };
  certificateAt(path: string): Promise<string | undefined>;
  readonly ids: Ids;
}

const PAGES = '/_pipewright/sns/';

function urlOf(request: IncomingMessage): URL {
  const path = request.url ?? '/';
  return new URL(path.startsWith('/') ? `http://localhost${path}` : 'http://localhost/');
}

const isCertificate = (path: string): boolean => /^\/SimpleNotificationService-[0-9a-f]+\.pem$/.test(path);

/** AWS's links are calls of the API without a signature. Signed ones go the usual way. */
function isLink(request: IncomingMessage, { pathname, searchParams }: URL): boolean {
  if (request.method !== 'GET' || pathname !== '/' || request.headers.authorization !== undefined || searchParams.has('X-Amz-Signature'))
    return false;
  const action = searchParams.get('Action');
  return (
    (action === 'ConfirmSubscription' && searchParams.has('Token')) || (action === 'Unsubscribe' && searchParams.has('SubscriptionArn'))
  );
}

async function answerLink({ service, links, ids }: SnsPlaneTools, { searchParams }: URL, response: ServerResponse): Promise<void> {
  const { model } = service;
  const [requestId, action] = [ids.uuid(), searchParams.get('Action')!];
  const field = (name: string): string => searchParams.get(name) ?? '';
  const run = async (): Promise<object> => {
    if (action === 'ConfirmSubscription') return { SubscriptionArn: await links.confirm(field('TopicArn'), field('Token')) };
    await links.unsubscribe(field('SubscriptionArn'));
    return {};
  };
  const output = await run().then(
    (value) => encodeOutput(model, action, value, requestId),
    (error: unknown) => {
      if (error instanceof ApiError) return encodeError(model.protocol, model, error, requestId);
      throw error;
    },
  );
  await respond(response, output, model.protocol, requestId);
}

interface Page {
  readonly question: string;
  readonly button: string;
  readonly done: string;
  /** The fields of its address that are shown. */
  readonly shown: readonly (readonly [string, string])[];
  run(fields: URLSearchParams): Promise<unknown>;
}

function pageAt({ links }: SnsPlaneTools, path: string): Page | undefined {
  const field = (fields: URLSearchParams, name: string): string => fields.get(name) ?? '';
  if (path === `${PAGES}confirm`)
    return {
      question: 'Confirm this subscription?',
      button: 'Confirm',
      done: 'The subscription is confirmed.',
      shown: [['Topic', 'TopicArn']],
      run: (fields) => links.confirm(field(fields, 'TopicArn'), field(fields, 'Token')),
    };
  if (path === `${PAGES}unsubscribe`)
    return {
      question: 'End this subscription?',
      button: 'Unsubscribe',
      done: 'The subscription has ended.',
      shown: [['Subscription', 'SubscriptionArn']],
      run: (fields) => links.unsubscribe(field(fields, 'SubscriptionArn')),
    };
  return undefined;
}

/** A page for a link in a mail: reading it does nothing, as scanners of mail read every link; its button does. */
async function answerPage(page: Page, request: IncomingMessage, response: ServerResponse, { searchParams }: URL): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') {
    const rows = page.shown.map(([label, name]) => [label, searchParams.get(name) ?? ''] as const);
    const form = html`${facts(rows)}
      <form method="post">
        <div class="buttons"><button>${page.button}</button></div>
      </form>`;
    return sendPage(response, 200, { title: page.question, body: form });
  }
  if (request.method !== 'POST') return sendPage(response, 405, { title: 'Not here', body: html`<p>Only GET and POST are answered.</p>` });
  try {
    await page.run(searchParams);
    sendPage(response, 200, { title: page.done, body: html`<p>You can close this page.</p>` });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    sendPage(response, error.status, { title: 'That did not work', body: html`<p>${error.message}</p>` });
  }
}

/** What messages of SNS link to, for whoever got them: the certificate they are signed with, and confirming or ending a subscription. */
export function createSnsPlane(tools: SnsPlaneTools) {
  return {
    matches(request: IncomingMessage): boolean {
      const url = urlOf(request);
      return isCertificate(url.pathname) || url.pathname.startsWith(PAGES) || isLink(request, url);
    },
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const url = urlOf(request);
      if (isLink(request, url)) return answerLink(tools, url, response);
      const page = pageAt(tools, url.pathname);
      if (page) return answerPage(page, request, response, url);
      const certificate = await tools.certificateAt(url.pathname);
      const type = certificate === undefined ? 'text/plain' : 'application/x-pem-file';
      const body = Buffer.from(certificate ?? 'There is nothing here.');
      response.writeHead(certificate === undefined ? 404 : 200, { 'content-type': type, 'content-length': body.byteLength });
      response.end(request.method === 'HEAD' ? undefined : body);
    },
  };
}
