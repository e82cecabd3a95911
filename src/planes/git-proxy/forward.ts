import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { Refusal } from '../git/refusal.ts';

const FORWARDED = ['accept', 'accept-encoding', 'content-type', 'content-encoding', 'content-length', 'git-protocol'];
const ANSWERED = ['content-type', 'content-encoding', 'content-length', 'cache-control'];

function some(headers: IncomingMessage['headers'], names: readonly string[]): OutgoingHttpHeaders {
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
}

function begin(request: IncomingMessage, target: URL, authorization: string): Promise<IncomingMessage> {
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = { ...some(request.headers, FORWARDED), authorization, 'user-agent': 'git/2.0 (pipewright)' };
  return new Promise((resolve, reject) => {
    const outgoing = send(target, { method: request.method ?? 'GET', headers }, resolve);
    outgoing.once('error', reject);
    // A client that goes away takes the request with it.
    request.once('aborted', () => outgoing.destroy());
    request.pipe(outgoing);
  });
}

/**
 * Passes one request of git's smart protocol on, with the host's own authorization in place of the client's. Redirects are not followed:
 * they would take the token elsewhere.
 */
export async function forward(request: IncomingMessage, response: ServerResponse, target: URL, authorization: string): Promise<void> {
  let answer: IncomingMessage;
  try {
    answer = await begin(request, target, authorization);
  } catch (error) {
    throw new Refusal(502, `The git host cannot be reached: ${(error as Error).message}`);
  }
  const status = answer.statusCode ?? 502;
  if (status !== 200) {
    answer.resume();
    // A client that is told 401 would throw its own, right password away.
    if (status === 401 || status === 403) throw new Refusal(403, 'The git host refuses the connection’s token.');
    throw new Refusal(status === 404 ? 404 : 502, `The git host answers ${status}.`);
  }
  response.writeHead(200, some(answer.headers, ANSWERED));
  await pipeline(answer, response).catch(() => response.destroy());
}
