import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { marked } from 'marked';

/** A page of `src`: its front matter's title and its Markdown. */
export async function readPage(file) {
  const text = await readFile(file, 'utf8');
  const match = /^---\ntitle: (.+)\n---\n([\s\S]*)$/.exec(text);
  return { name: basename(file, '.md'), title: match?.[1], markdown: match ? match[2] : text };
}

export async function readPages(folder) {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.md')).sort();
  return Promise.all(files.map((name) => readPage(join(folder, name))));
}

function html({ title, markdown }) {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="stylesheet" href="style.css" />
  </head>
  <body>
    <main>
${marked.parse(markdown)}
    </main>
    <footer>Built from commit ${(process.env.CODEBUILD_RESOLVED_SOURCE_VERSION ?? 'on a laptop').slice(0, 12)}</footer>
  </body>
</html>
`;
}

/** Renders every page and copies the style sheet; answers the names of the pages. */
export async function buildSite(source, target) {
  await mkdir(target, { recursive: true });
  const pages = await readPages(source);
  for (const page of pages) await writeFile(join(target, `${page.name}.html`), html(page));
  await cp(join(source, 'style.css'), join(target, 'style.css'));
  return pages.map((page) => page.name);
}
