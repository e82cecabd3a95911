import { main } from './runner.ts';

// The program `dist/runner.js`; everything it does is in runner.ts, which tests load without running it.
await main(process.argv.slice(2));
