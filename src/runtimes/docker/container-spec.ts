import type { EngineInfo } from './engine/find.ts';

/** The labels by which containers are found again. No secret, ever: everybody who may list containers reads them. */
export const LABEL = { owner: 'dev.pipewright.owner', build: 'dev.pipewright.build', within: 'dev.pipewright.within' } as const;

export interface ContainerWish {
  /** The id of the workload, or of the place made ahead for one. */
  readonly id: string;
  /** The data folder's id. */
  readonly owner: string;
  /** An image that the engine has. */
  readonly image: string;
  readonly computeType: string;
  readonly privileged: boolean;
  /** `host`, or a network of the engine's. */
  readonly network: string;
  /** The workspace, at the same path inside. */
  readonly workspace: string;
  /** The engine's own socket. */
  readonly socketPath: string;
  readonly command: readonly string[];
}

const GIB = 1024 ** 3;

/** GiB and vCPUs: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html */
const COMPUTE: Readonly<Record<string, readonly [memory: number, cpus: number]>> = {
  BUILD_GENERAL1_SMALL: [4, 2],
  BUILD_GENERAL1_MEDIUM: [8, 4],
  BUILD_GENERAL1_LARGE: [16, 8],
  BUILD_GENERAL1_XLARGE: [72, 36],
  BUILD_GENERAL1_2XLARGE: [144, 72],
  BUILD_LAMBDA_1GB: [1, 1],
  BUILD_LAMBDA_2GB: [2, 2],
  BUILD_LAMBDA_4GB: [4, 3],
  BUILD_LAMBDA_8GB: [8, 5],
  BUILD_LAMBDA_10GB: [10, 6],
};

/** What the compute type grants, where this machine has more, and the engine can hold a container to it. */
export function limitsOf(
  computeType: string,
  { NCPU = 1, MemTotal = 0, MemoryLimit, CpuCfsQuota }: EngineInfo,
): Readonly<Record<string, number>> {
  const [memory = Infinity, cpus = Infinity] = COMPUTE[computeType] ?? [];
  return {
    // Equal to Memory: a build that needs more ends, where swapping would only slow the machine down for all.
    ...(MemoryLimit && memory * GIB < MemTotal && { Memory: memory * GIB, MemorySwap: memory * GIB }),
    ...(CpuCfsQuota && cpus < NCPU && { NanoCpus: cpus * 1e9 }),
  };
}

const bind = (source: string, target: string) => ({ Type: 'bind', Source: source, Target: target });

/** The body of https://docs.docker.com/reference/api/engine/version/v1.44/#tag/Container/operation/ContainerCreate */
export function containerSpec(wish: ContainerWish, info: EngineInfo): object {
  const { id, owner, image, computeType, privileged, network, workspace, socketPath, command } = wish;
  return {
    Image: image,
    // As CodeBuild does, whatever user the image names: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.run-as
    User: '0:0',
    // In place of the image's own, and of its command.
    Entrypoint: command,
    Cmd: [],
    WorkingDir: workspace,
    Labels: { [LABEL.owner]: owner, [LABEL.build]: id },
    OpenStdin: true,
    // Our end: the input closes, and with it the container ends after its command.
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: network,
      Mounts: [bind(workspace, workspace), ...(privileged ? [bind(socketPath, '/var/run/docker.sock')] : [])],
      // We read the output ourselves; the engine need not write it to its disk as well.
      LogConfig: { Type: 'none' },
      Privileged: privileged,
      SecurityOpt: ['label=disable'],
      ...limitsOf(computeType, info),
    },
  };
}
