import { readPages } from './site.mjs';

const pages = await readPages('src');
const names = new Set(pages.map((page) => `${page.name}.html`));
const problems = pages.flatMap(({ name, title, markdown }) => {
  const links = [...markdown.matchAll(/\]\(([^):]+)\)/g)].map((match) => match[1]);
  const broken = links.filter((link) => !names.has(link)).map((link) => `src/${name}.md: the link to ${link} leads nowhere`);
  return title ? broken : [`src/${name}.md: the page has no title`, ...broken];
});
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages checked, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
