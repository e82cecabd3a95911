import type { Buildspec } from '../../services/codebuild/rules/buildspec/types.ts';

/** Log lines for what a buildspec asks for and the build does without: it would rather run than fail, but not in silence. */
export function unheeded({ version, proxy, phases }: Buildspec): readonly string[] {
  const asks: readonly (readonly [boolean, string])[] = [
    [
      proxy.uploadArtifacts || proxy.logs,
      'proxy has no effect: artifacts and logs go straight to the server, which this machine reaches by itself',
    ],
    [
      phases.some(({ name, runtimeVersions }) => (name !== 'install' || version === '0.1') && Object.keys(runtimeVersions).length > 0),
      'runtime-versions has an effect in the phase install of version 0.2 only',
    ],
  ];
  return asks.filter(([asked]) => asked).map(([, line]) => line);
}
