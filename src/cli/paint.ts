import picocolors from 'picocolors';
import type { CliTools } from './tools.ts';

export type Style = 'good' | 'bad' | 'busy' | 'quiet' | 'strong';

/** Paints one part of a line; the plain painter leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;

const COLOURS = picocolors.createColors(true);
const STYLES = { good: COLOURS.green, bad: COLOURS.red, busy: COLOURS.yellow, quiet: COLOURS.dim, strong: COLOURS.bold };

export const colours: Paint = (style, text) => STYLES[style](text);

/** Draw in place and in colours: a terminal that can, and nobody who asked for less (https://no-color.org). */
export function isLive({ stdout, env }: Pick<CliTools, 'stdout' | 'env'>): boolean {
  return stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

export function painter(tools: Pick<CliTools, 'stdout' | 'env'>): Paint {
  return isLive(tools) ? colours : plain;
}
