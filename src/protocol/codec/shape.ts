import type { MemberModel, ServiceModel, ShapeModel } from '../model.ts';

/** A shape with its references resolved. Links are made when first followed: models are recursive, and most of one is never used. */
export interface Shape extends Omit<ShapeModel, 'members' | 'member' | 'key' | 'value' | 'required'> {
  readonly name: string;
  readonly members: readonly Member[];
  /** The elements of a list. */
  readonly element: Member;
  readonly key: Member;
  readonly value: Member;
}

/** One use of a shape. */
export interface Member extends Omit<MemberModel, 'shape'> {
  readonly name: string;
  /** As error messages name it: AWS's services see bean names, `roleArn` for RoleArn. */
  readonly label: string;
  readonly required: boolean;
  readonly shape: Shape;
}

const linked = new WeakMap<ServiceModel, Map<string, Shape>>();

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function link(model: ServiceModel, name: string, use: MemberModel, required: boolean): Member {
  const { shape, ...traits } = use;
  let linkedShape: Shape | undefined;
  return {
    ...traits,
    name,
    label: lowerFirst(name),
    required,
    get shape() {
      return (linkedShape ??= shapeOf(model, shape));
    },
  };
}

function resolve(model: ServiceModel, name: string): Shape {
  const source = model.shapes[name];
  if (!source) throw new Error(`${model.name} has no shape ${name}`);
  const { members, member, key, value, required, ...rest } = source;
  let resolved: readonly Member[] | undefined;
  const part = (use: MemberModel | undefined): Member => link(model, 'member', use ?? { shape: name }, false);
  return {
    ...rest,
    name,
    get members() {
      return (resolved ??= Object.entries(members ?? {}).map(([at, use]) => link(model, at, use, required?.includes(at) ?? false)));
    },
    element: part(member),
    key: part(key),
    value: part(value),
  };
}

/** The shape of this name. */
export function shapeOf(model: ServiceModel, name: string): Shape {
  let shapes = linked.get(model);
  if (!shapes) linked.set(model, (shapes = new Map()));
  let shape = shapes.get(name);
  if (!shape) shapes.set(name, (shape = resolve(model, name)));
  return shape;
}

const NOTHING: Shape = (() => {
  const shape = { name: 'Nothing', type: 'structure', members: [] } as unknown as { element: Member; key: Member; value: Member } & Shape;
  const self: Member = { name: 'member', label: 'member', required: false, shape };
  return Object.assign(shape, { element: self, key: self, value: self });
})();

/** The structure of an operation's input or output; an empty one where the operation has none. */
export function structureOf(model: ServiceModel, reference: { readonly shape: string } | undefined): Shape {
  return reference ? shapeOf(model, reference.shape) : NOTHING;
}
