import type { EnvironmentPlatform } from '../api.gen.ts';

const image = (name: string, description: string) => ({ name, description, versions: [name] });

/**
 * The container images that AWS maintains for CodeBuild on EC2, as of 2026; those for Lambda compute AWS does not list here either.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/ec2-compute-images.html
 */
export const CURATED_PLATFORMS: readonly EnvironmentPlatform[] = [
  {
    platform: 'AMAZON_LINUX',
    languages: [
      {
        language: 'BASE',
        images: [
          image('aws/codebuild/amazonlinux-x86_64-standard:4.0', 'Amazon Linux 2 for x86_64'),
          image('aws/codebuild/amazonlinux-x86_64-standard:5.0', 'Amazon Linux 2023 for x86_64'),
          image('aws/codebuild/amazonlinux-x86_64-standard:6.0', 'Amazon Linux 2023 for x86_64'),
          image('aws/codebuild/amazonlinux-aarch64-standard:2.0', 'Amazon Linux 2 for aarch64'),
          image('aws/codebuild/amazonlinux-aarch64-standard:3.0', 'Amazon Linux 2023 for aarch64'),
        ],
      },
    ],
  },
  {
    platform: 'UBUNTU',
    languages: [
      {
        language: 'BASE',
        images: [
          image('aws/codebuild/standard:5.0', 'Ubuntu 20.04'),
          image('aws/codebuild/standard:6.0', 'Ubuntu 22.04'),
          image('aws/codebuild/standard:7.0', 'Ubuntu 22.04'),
        ],
      },
    ],
  },
  {
    platform: 'WINDOWS_SERVER',
    languages: [
      {
        language: 'BASE',
        images: [
          image('aws/codebuild/windows-base:2019-1.0', 'Windows Server Core 2019'),
          image('aws/codebuild/windows-base:2019-2.0', 'Windows Server Core 2019'),
          image('aws/codebuild/windows-base:2019-3.0', 'Windows Server Core 2019'),
          image('aws/codebuild/windows-base:2022-1.0', 'Windows Server Core 2022'),
        ],
      },
    ],
  },
];
