import type { Botocore } from './botocore.ts';

/** The operations of Parameter Store and of Session Manager: the parts of Systems Manager that there are here. */
export const SYSTEMS_MANAGER = [
  'AddTagsToResource',
  'DeleteParameter',
  'DeleteParameters',
  'DescribeParameters',
  'DescribeSessions',
  'GetParameter',
  'GetParameterHistory',
  'GetParameters',
  'GetParametersByPath',
  'LabelParameterVersion',
  'ListTagsForResource',
  'PutParameter',
  'RemoveTagsFromResource',
  'ResumeSession',
  'StartSession',
  'TerminateSession',
  'UnlabelParameterVersion',
];

/**
 * A model of which only these operations are described: the others keep their names, so that they are known and answered with "not
 * implemented", and lose their shapes, which for a service like Systems Manager are nine tenths of the file.
 */
export function onlyOperations(model: Botocore, names: readonly string[]): Botocore {
  const wanted = new Set(names);
  const operations = Object.entries(model.operations).map(([name, operation]) => {
    return [name, wanted.has(name) ? operation : { name, http: operation.http, undescribed: true }] as const;
  });
  const errors = new Set(
    operations.flatMap(([, operation]) => ('errors' in operation ? operation.errors : [])?.map(({ shape }) => shape) ?? []),
  );
  const shapes = Object.entries(model.shapes).filter(([name, shape]) => !shape.exception || errors.has(name));
  return { ...model, operations: Object.fromEntries(operations), shapes: Object.fromEntries(shapes) };
}

/** Adds errors that a service throws and its model leaves to the list of common errors, so that its rules can throw them. */
export function withErrors(model: Botocore, names: readonly string[]): Botocore {
  const added = Object.fromEntries(names.map((name) => [name, { type: 'structure' as const, exception: true, members: {} }]));
  return { ...model, shapes: { ...model.shapes, ...added } };
}
