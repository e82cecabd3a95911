import type { ActionDeclaration, RuleDeclaration } from '../api.gen.ts';
import type { CatalogueEntry } from './catalogue.ts';

type Declared = Partial<Pick<ActionDeclaration, 'outputArtifacts' | 'outputVariables' | 'environmentVariables'>> &
  Pick<RuleDeclaration, 'commands'>;

/**
 * Commands and what goes with them stand beside the configuration, and belong to the providers that run commands alone.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html. `what` begins the sentence.
 */
export function validateCommands(declared: Declared, entry: CatalogueEntry, what: string, error: (message: string) => Error): void {
  const { commands = [] } = declared;
  if (!entry.commands) {
    const stranger = strangerIn(declared);
    if (stranger !== undefined) throw error(`${what} declares ${stranger}, which only the type Commands supports`);
    return;
  }
  if (commands.length === 0) throw error(`${what} must declare commands`);
  const multi = commands.find((command) => /[\r\n]/.test(command));
  if (multi !== undefined) throw error(`${what} declares commands of several lines. Each must be a single line: ${JSON.stringify(multi)}`);
}

function strangerIn({ commands, outputVariables, environmentVariables, outputArtifacts = [] }: Declared): string | undefined {
  if (commands?.length) return 'commands';
  if (outputVariables?.length) return 'outputVariables';
  if (environmentVariables?.length) return 'environmentVariables';
  return outputArtifacts.some(({ files }) => files?.length) ? 'files of an output artifact' : undefined;
}
