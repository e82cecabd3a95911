import { COMMANDS_MINUTES, commandsVerbs } from './run-commands.ts';
import type { ActionProvider } from '../../services/codepipeline/provider.ts';

/** The network of a VPC means nothing on the host: what a pipeline says of it is kept and has no effect. */
const vpc = (description: string) => ({ required: false, type: 'String', description }) as const;

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html */
export const commandsAction: ActionProvider = {
  type: { category: 'Compute', owner: 'AWS', provider: 'Commands', version: '1' },
  settings: {
    EnvironmentType: {
      required: false,
      type: 'String',
      description: 'The kind of machine; Linux alone here.',
      values: ['LINUX_CONTAINER'],
    },
    ComputeType: {
      required: false,
      type: 'String',
      description: 'The size of the machine.',
      values: ['BUILD_GENERAL1_SMALL', 'BUILD_GENERAL1_MEDIUM', 'BUILD_GENERAL1_LARGE'],
    },
    VpcId: vpc('The VPC of the commands; without effect here.'),
    Subnets: vpc('The subnets in the VPC; without effect here.'),
    SecurityGroupIds: vpc('The security groups in the VPC; without effect here.'),
  },
  artifacts: { inputs: { min: 1, max: 10 }, outputs: { min: 0, max: 1 } },
  timeoutMinutes: COMMANDS_MINUTES,
  commands: true,
  pipelineTypes: ['V2'],
  ...commandsVerbs,
};
