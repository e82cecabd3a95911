/**
 * Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) from chunks of bytes that end anywhere.
 * Answers each event's type and data; comments and ids are left out.
 */
export class EventLines {
  readonly #decoder = new TextDecoder();
  #rest = '';

  push(chunk: Uint8Array): readonly { readonly type: string; readonly data: string }[] {
    const parts = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n\n');
    this.#rest = parts.pop() ?? '';
    return parts.map(parse).filter(({ data }) => data !== '');
  }
}

function parse(block: string): { type: string; data: string } {
  const fields = block.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line) ?? []);
  const of = (name: string) => fields.filter(([, field]) => field === name).map(([, , value = '']) => value);
  return { type: of('event')[0] ?? 'message', data: of('data').join('\n') };
}
