import type { Member, Shape } from './shape.ts';

/** How the members of a REST operation's structure are spread over the HTTP message. */
export interface Bindings {
  readonly placed: readonly Member[];
  /** The member that is the whole body. */
  readonly payload: Member | undefined;
  /** The members inside the body, where there is no payload member. */
  readonly body: readonly Member[];
}

const known = new WeakMap<Shape, Bindings>();

export function bindingsOf(shape: Shape): Bindings {
  let bindings = known.get(shape);
  if (!bindings) {
    bindings = {
      placed: shape.members.filter((member) => member.location !== undefined),
      payload: shape.members.find((member) => member.name === shape.payload),
      body: shape.members.filter((member) => member.location === undefined && member.name !== shape.payload),
    };
    known.set(shape, bindings);
  }
  return bindings;
}

export function isStreaming(member: Member | undefined): boolean {
  return member !== undefined && member.shape.type === 'blob' && (member.streaming ?? member.shape.streaming) === true;
}
