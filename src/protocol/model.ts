/** A service as its model describes it: what botocore's service-2.json says, less its prose. */
export interface ServiceMetadata {
  /** Our folder and client name: `codepipeline`. */
  readonly name: string;
  readonly protocol: 'json' | 'query' | 'rest-json' | 'rest-xml';
  readonly apiVersion: string;
  readonly endpointPrefix: string;
  /** The service in a SigV4 credential scope, and the prefix of its IAM actions. */
  readonly signingName: string;
  readonly serviceId: string;
  /** One endpoint for all regions (IAM): its resources belong to the account. */
  readonly global?: boolean;
  readonly jsonVersion?: string;
  /** What stands before the dot in X-Amz-Target. */
  readonly targetPrefix?: string;
  readonly xmlNamespace?: string;
  /** Errors of this JSON service also carry the code they had when it spoke the query protocol. */
  readonly awsQueryCompatible?: boolean;
}

export interface XmlNamespace {
  readonly uri: string;
  readonly prefix?: string;
}

/** A reference to a shape with what this use of it adds. */
export interface MemberModel {
  readonly shape: string;
  readonly location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  readonly locationName?: string;
  readonly flattened?: boolean;
  readonly streaming?: boolean;
  readonly xmlAttribute?: boolean;
  readonly xmlNamespace?: XmlNamespace;
  readonly timestampFormat?: TimestampFormat;
  readonly idempotencyToken?: boolean;
  readonly eventpayload?: boolean;
}

export type TimestampFormat = 'iso8601' | 'rfc822' | 'unixTimestamp';

export interface ShapeModel {
  readonly type:
    | 'structure'
    | 'list'
    | 'map'
    | 'string'
    | 'integer'
    | 'long'
    | 'float'
    | 'double'
    | 'boolean'
    | 'timestamp'
    | 'blob'
    | 'character';
  readonly members?: Readonly<Record<string, MemberModel>>;
  readonly required?: readonly string[];
  readonly member?: MemberModel;
  readonly key?: MemberModel;
  readonly value?: MemberModel;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly flattened?: boolean;
  readonly locationName?: string;
  readonly payload?: string;
  readonly streaming?: boolean;
  readonly timestampFormat?: TimestampFormat;
  readonly xmlNamespace?: XmlNamespace;
  readonly eventstream?: boolean;
  readonly event?: boolean;
  readonly union?: boolean;
  readonly document?: boolean;
  readonly sensitive?: boolean;
  readonly exception?: boolean;
  readonly fault?: boolean;
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number; readonly senderFault?: boolean };
}

export interface OperationModel {
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: { readonly shape: string; readonly locationName?: string; readonly xmlNamespace?: XmlNamespace };
  readonly output?: {
    readonly shape: string;
    readonly resultWrapper?: string;
    /** The root element of an XML body, where it is not the shape's name. */
    readonly locationName?: string;
    /** The only member is the root element itself. */
    readonly unwrapped?: boolean;
  };
  /** Shape names. */
  readonly errors?: readonly string[];
  /** Callable without a signature (`sts:AssumeRoleWithWebIdentity`). */
  readonly unauthenticated?: boolean;
  readonly checksumRequired?: boolean;
}

export interface ServiceModel extends ServiceMetadata {
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, ShapeModel>>;
}

interface Table {
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, ShapeModel>>;
}

/** A model whose tables are parsed when first asked for: a start-up pays only for the services it talks to. */
export function serviceModel(metadata: ServiceMetadata, json: string): ServiceModel {
  let parsed: Table | undefined;
  const table = (): Table => (parsed ??= JSON.parse(json) as Table);
  return {
    ...metadata,
    get operations() {
      return table().operations;
    },
    get shapes() {
      return table().shapes;
    },
  };
}

/** The operation of this name, or undefined. Names come from the wire: inherited properties are no operations. */
export function operationOf(model: ServiceModel, name: string): OperationModel | undefined {
  return Object.hasOwn(model.operations, name) ? model.operations[name] : undefined;
}

/** `CreateRepository` → `createRepository`: the name of an operation in the generated `Api`. */
export function methodOf(operation: string): string {
  return operation.charAt(0).toLowerCase() + operation.slice(1);
}
