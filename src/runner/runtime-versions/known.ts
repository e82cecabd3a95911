/** How a runtime of https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html is found. All texts are for a POSIX shell. */
export interface KnownRuntime {
  /** The programs that it is called by. */
  readonly programs: readonly string[];
  /** Prints the version of what is called so. */
  readonly version: string;
  /** Where version managers and packages put the programs of each version: glob patterns of folders, the version in their names. */
  readonly folders: readonly string[];
  /** A variable that names the folder above the programs. */
  readonly home?: string;
}

const ENV = (variable: string, folder: string): string => `"\${${variable}:-$HOME/${folder}}"`;
/** Of asdf and mise, under the names that they have for it. */
const shared = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [
    `${ENV('ASDF_DATA_DIR', '.asdf')}/installs/${name}/*/bin`,
    `${ENV('MISE_DATA_DIR', '.local/share/mise')}/installs/${name}/*/bin`,
  ]);
/** Of the managers that are made after rbenv: each tells its own folder, wherever it is on the PATH. */
const envManager = (name: string): string => `"$(${name} root 2>/dev/null || echo "$HOME/.${name}")"/versions/*/bin`;
const hosted = (name: string): string => `/opt/hostedtoolcache/${name}/*/x64/bin`;

export const KNOWN: Readonly<Record<string, KnownRuntime>> = {
  nodejs: {
    programs: ['node'],
    version: 'node --version',
    folders: [
      '"${N_PREFIX:-/usr/local}"/n/versions/node/*/bin',
      `${ENV('NVM_DIR', '.nvm')}/versions/node/*/bin`,
      '/usr/local/nvm/versions/node/*/bin',
      `${ENV('FNM_DIR', '.local/share/fnm')}/node-versions/*/installation/bin`,
      `${ENV('VOLTA_HOME', '.volta')}/tools/image/node/*/bin`,
      envManager('nodenv'),
      ...shared('nodejs', 'node'),
      hosted('node'),
    ],
  },
  python: {
    programs: ['python3', 'python'],
    // A shim of pyenv without a version tells of others on its standard error, where Python 2 tells its own.
    version: '{ python3 --version || python --version; } 2>&1 | grep "^Python "',
    folders: [envManager('pyenv'), ...shared('python'), hosted('Python')],
  },
  ruby: {
    programs: ['ruby'],
    version: 'ruby --version',
    folders: [
      envManager('rbenv'),
      `${ENV('rvm_path', '.rvm')}/rubies/ruby-*/bin`,
      '/usr/local/rvm/rubies/ruby-*/bin',
      ...shared('ruby'),
      hosted('Ruby'),
    ],
  },
  golang: {
    programs: ['go'],
    version: 'go version',
    folders: [envManager('goenv'), '"$HOME"/sdk/go*/bin', '/usr/lib/go-*/bin', ...shared('golang', 'go'), hosted('go')],
  },
  java: {
    programs: ['java'],
    version: 'java -version 2>&1 | grep version',
    folders: ['/usr/lib/jvm/*/bin', `${ENV('SDKMAN_DIR', '.sdkman')}/candidates/java/*/bin`, envManager('jenv'), ...shared('java')],
    home: 'JAVA_HOME',
  },
  php: { programs: ['php'], version: `php -r 'echo PHP_VERSION;'`, folders: [envManager('phpenv'), ...shared('php')] },
  dotnet: { programs: ['dotnet'], version: 'dotnet --list-sdks', folders: [] },
  docker: { programs: ['docker'], version: 'docker --version', folders: [] },
  android: { programs: ['sdkmanager'], version: 'sdkmanager --version', folders: [] },
};

/** A script that prints what there is: `path<TAB>VERSION` of what is called by its name, and `folder<TAB>FOLDER` for each installed version. */
export function probe({ programs, version, folders }: KnownRuntime): string {
  const [program = ''] = programs;
  const there = programs.map((name) => `command -v ${name} >/dev/null 2>&1`).join(' || ');
  const each = `for d in ${folders.join(' ')}; do [ -x "$d/${program}" ] && printf 'folder\\t%s\\n' "$d"; done`;
  return [`if ${there}; then ${version} 2>/dev/null | sed 's/^/path\t/'; fi`, ...(folders.length > 0 ? [each] : [])].join('\n');
}
