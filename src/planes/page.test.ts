import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { facts, html, sendPage } from './page.ts';

it('has the style that its policy lets browsers use, and no text of others that is HTML', async () => {
  const server = createServer((_request, response) =>
    sendPage(response, 200, { title: '<b>', body: facts([['a', html`<i>${'<script>'}</i>`]]) }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const text = await answer.text();
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(text) ?? [];
    expect(style).toContain('color-scheme');
    const hash = createHash('sha256').update(style).digest('base64');
    expect(answer.headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`);
    expect(text).toContain('<i>&lt;script&gt;</i>');
    expect(text).not.toContain('<b>');
  } finally {
    server.close();
  }
});
