import { rm } from 'node:fs/promises';
import { buildSite } from './site.mjs';

await rm('dist', { recursive: true, force: true });
for (const name of await buildSite('src', 'dist')) console.log(`dist/${name}.html`);
