/** An Amazon Resource Name: arn:partition:service:region:account:resource. */
export type Arn = string;

export interface ArnParts {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

export function formatArn(service: string, region: string, account: string, resource: string): Arn {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

/** The six parts, or undefined where the text is no ARN. The resource part may hold colons itself. */
export function parseArn(text: string): ArnParts | undefined {
  const [arn, partition, service, region, account, ...resource] = text.split(':');
  if (arn !== 'arn' || !partition || !service || region === undefined || account === undefined || resource.length === 0) return undefined;
  return { partition, service, region, account, resource: resource.join(':') };
}
