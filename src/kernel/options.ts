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
  buildIsolation: {
    flag: '--build-isolation',
    env: 'PIPEWRIGHT_BUILD_ISOLATION',
    kind: 'string',
    default: 'auto',
    choices: ['auto', 'off', 'required'],
    argument: 'MODE',
    help: 'Whether builds on the host see nothing but a read-only system and a workspace of their own. auto: where this machine allows it, else their logs say why not; required: no build on the host without it; off: never.',
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
  actionsUrl: {
    flag: '--actions-url',
    env: 'PIPEWRIGHT_ACTIONS_URL',
    kind: 'string',
    default: 'https://github.com',
    argument: 'URL',
    help: 'Where the repositories of GitHub Actions in buildspecs are: a base URL, or one with {owner} and {repository} in it.',
  },
  jobLease: {
    flag: '--job-lease',
    env: 'PIPEWRIGHT_JOB_LEASE',
    kind: 'number',
    default: 600,
    argument: 'SECONDS',
    help: 'How long a worker of a custom action may be silent before its job is offered to others.',
  },
  quotas: {
    flag: '--quotas',
    env: 'PIPEWRIGHT_QUOTAS',
    kind: 'string',
    default: 'relaxed',
    choices: ['relaxed', 'aws'],
    argument: 'MODE',
    help: 'aws enforces the limits of AWS, so that what is defined here can go there; relaxed takes more.',
  },
  publicUrl: {
    flag: '--public-url',
    env: 'PIPEWRIGHT_PUBLIC_URL',
    kind: 'string',
    default: '',
    argument: 'URL',
    help: 'The base URL under which others reach the server, for links in messages; its host name is served too. Without it: the address listened on.',
  },
  smtpUrl: {
    flag: '--smtp-url',
    env: 'PIPEWRIGHT_SMTP_URL',
    kind: 'string',
    default: '',
    argument: 'URL',
    help: 'The mail server for e-mail subscriptions: smtp://[USER:PASSWORD@]HOST[:PORT] (STARTTLS where it is offered) or smtps://… (TLS). Better set in the environment where it holds a password.',
  },
  mailFrom: {
    flag: '--mail-from',
    env: 'PIPEWRIGHT_MAIL_FROM',
    kind: 'string',
    default: '',
    argument: 'ADDRESS',
    help: 'The sender of those mails.',
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
  /** `auto` where it is absent. */
  readonly buildIsolation?: 'auto' | 'off' | 'required';
  /** `host`, a network of the container engine, or `auto`. */
  readonly buildNetwork: string;
  /** A file; '' for none. */
  readonly buildImages: string;
  readonly warmContainers: number;
  readonly actionsUrl?: string;
  /** Seconds; 600 where it is absent. */
  readonly jobLease?: number;
  /** `relaxed` where it is absent. */
  readonly quotas?: 'relaxed' | 'aws';
  /** Empty or absent, as the two below: not given. */
  readonly publicUrl?: string;
  readonly smtpUrl?: string;
  readonly mailFrom?: string;
}
