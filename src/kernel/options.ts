/** One server option: flag, environment variable, documentation line. The table below is the only place they are declared. */
export interface Option {
  readonly flag: string;
  readonly env: string;
  readonly kind: 'string' | 'number' | 'boolean';
  readonly default: string | number | boolean;
  readonly choices?: readonly string[];
  readonly argument?: string;
  readonly help: string;
}

export const OPTIONS = {
  port: {
    flag: '--port',
    env: 'PIPEWRIGHT_PORT',
    kind: 'number',
    default: 4566,
    argument: 'PORT',
    help: 'The one TCP port of everything; 0 takes a free one.',
  },
  host: {
    flag: '--host',
    env: 'PIPEWRIGHT_HOST',
    kind: 'string',
    default: '127.0.0.1',
    argument: 'HOST',
    help: 'The address to listen on.',
  },
  data: {
    flag: '--data',
    env: 'PIPEWRIGHT_DATA',
    kind: 'string',
    default: '~/.pipewright',
    argument: 'DIR',
    help: 'The data folder. One server at a time holds it.',
  },
  account: {
    flag: '--account',
    env: 'PIPEWRIGHT_ACCOUNT',
    kind: 'string',
    default: '000000000000',
    argument: 'ID',
    help: 'The account id (12 digits) of the root user.',
  },
  region: {
    flag: '--region',
    env: 'PIPEWRIGHT_REGION',
    kind: 'string',
    default: 'us-east-1',
    argument: 'REGION',
    help: 'The region of requests that name none.',
  },
  auth: {
    flag: '--auth',
    env: 'PIPEWRIGHT_AUTH',
    kind: 'string',
    default: 'sigv4',
    choices: ['sigv4', 'off'],
    argument: 'MODE',
    help: 'sigv4 checks every request; off accepts any credentials or none, on loopback only.',
  },
  allowReset: {
    flag: '--allow-reset',
    env: 'PIPEWRIGHT_ALLOW_RESET',
    kind: 'boolean',
    default: false,
    help: 'Let POST /_pipewright/reset empty everything.',
  },
  buildRuntime: {
    flag: '--build-runtime',
    env: 'PIPEWRIGHT_BUILD_RUNTIME',
    kind: 'string',
    default: 'auto',
    choices: ['auto', 'process', 'docker'],
    argument: 'RUNTIME',
    help: 'Where builds run. auto: in containers where Docker or Podman answers, else on the host; process: always on the host; docker: never on the host, save for the image host.',
  },
  buildNetwork: {
    flag: '--build-network',
    env: 'PIPEWRIGHT_BUILD_NETWORK',
    kind: 'string',
    default: 'auto',
    argument: 'NAME',
    help: "The network of builds' containers: host, or a network of the engine. auto: host on Linux, bridge elsewhere.",
  },
  buildImages: {
    flag: '--build-images',
    env: 'PIPEWRIGHT_BUILD_IMAGES',
    kind: 'string',
    default: '',
    argument: 'FILE',
    help: 'A JSON file that maps image names of projects to names that the engine can pull: {"aws/codebuild/standard:7.0": "my/image:1"}.',
  },
  warmContainers: {
    flag: '--warm-containers',
    env: 'PIPEWRIGHT_WARM_CONTAINERS',
    kind: 'number',
    default: 0,
    argument: 'COUNT',
    help: 'How many started containers wait for the next builds of each project.',
  },
} as const satisfies Record<string, Option>;

export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly account: string;
  readonly region: string;
  readonly auth: 'sigv4' | 'off';
  readonly allowReset: boolean;
  readonly buildRuntime: 'auto' | 'process' | 'docker';
  /** `host`, a network of the container engine, or `auto`. */
  readonly buildNetwork: string;
  /** A file; '' for none. */
  readonly buildImages: string;
  readonly warmContainers: number;
}
