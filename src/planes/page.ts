import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 2rem 1rem; background: Canvas; color: CanvasText; }
main { max-width: 40rem; margin: auto; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1rem; margin: 0 0 1.5rem; }
dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
label { display: block; margin-bottom: .3rem; }
textarea { width: 100%; min-height: 5rem; box-sizing: border-box; font: inherit; padding: .5rem; }
.buttons { display: flex; gap: .75rem; margin-top: 1rem; flex-wrap: wrap; }
button { font: inherit; padding: .5rem 1.25rem; border-radius: .4rem; border: 1px solid #0972d3; background: #0972d3; color: #fff; cursor: pointer; }
button.second { background: transparent; color: inherit; border-color: currentColor; }
`;

/** No scripts, nothing from elsewhere, in nobody's frame; forms only to this server. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Text that is safe as HTML, made by `html` only. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Whole, as the policy's hash is of every byte between the tags. */
const STYLED = new Html(`<style>${STYLE}</style>`);

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function piece(value: string | Html | readonly Html[]): string {
  if (value instanceof Html) return value.text;
  if (typeof value !== 'string') return value.map(({ text }) => text).join('');
  return value.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** HTML whose holes are escaped. */
export function html(parts: TemplateStringsArray, ...holes: readonly (string | Html | readonly Html[])[]): Html {
  return new Html(parts.map((part, index) => part + (index < holes.length ? piece(holes[index]!) : '')).join(''));
}

/** Sends a whole page. The token in its address is told to nobody: no cache keeps it, no link passes it on. */
export function sendPage(response: ServerResponse, status: number, page: { readonly title: string; readonly body: Html }): void {
  const { title, body } = page;
  const head = html`<meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1" /><meta
      name="robots"
      content="noindex"
    />`;
  const text = html`<!doctype html>
    <html lang="en">
      <head>
        ${head}
        <title>${title}</title>
        ${STYLED}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
  const bytes = Buffer.from(text.text);
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': bytes.byteLength,
    'content-security-policy': POLICY,
    // Not no-referrer: a form would then come with the origin null, which is foreign here.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** Facts about something, as a list. */
export function facts(rows: readonly (readonly [string, string | Html | undefined])[]): Html {
  return html`<dl>
    ${rows.flatMap(([name, value]) =>
      value === undefined
        ? []
        : [
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
          ],
    )}
  </dl>`;
}

const MOST_BYTES = 64 * 1024;

/** The fields of a form that a page has sent; undefined where it is too large. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
