import type { Progress, RuleJob, RuleProvider } from '../../services/codepipeline/provider.ts';
import { matches } from './java-regex.ts';

const settings = {
  Variable: { required: true, type: 'String', description: 'The variable to check, as #{namespace.key}.' },
  Value: { required: true, type: 'String', description: 'What to compare it with.' },
  Operator: {
    required: true,
    type: 'String',
    description: 'EQ: equal; NE: not equal; CONTAINS: holds the value; MATCHES: matches the value as a regular expression, wholly.',
    values: ['EQ', 'NE', 'CONTAINS', 'MATCHES'],
  },
} as const;

function holds({ Variable = '', Value = '', Operator = '' }: RuleJob['configuration']): boolean | undefined {
  switch (Operator) {
    case 'EQ':
      return Variable === Value;
    case 'NE':
      return Variable !== Value;
    case 'CONTAINS':
      return Variable.includes(Value);
    case 'MATCHES':
      return matches(Variable, Value);
    default:
      return undefined;
  }
}

function check(job: RuleJob): Progress {
  const { Variable, Value, Operator } = job.configuration;
  const said = `'${Variable}' ${Operator} '${Value}'`;
  const result = holds(job.configuration);
  if (result === undefined) return { kind: 'failed', reason: 'ConfigurationError', message: `${said} cannot be evaluated.` };
  if (!result) return { kind: 'failed', reason: 'JobFailed', message: `${said} is not so.` };
  return { kind: 'succeeded', variables: {}, summary: `${said} is so.` };
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html */
export const variableCheck: RuleProvider = {
  type: { category: 'Rule', owner: 'AWS', provider: 'VariableCheck', version: '1' },
  settings,
  artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 0, max: 0 } },
  timeoutMinutes: 60,
  start: async (job) => check(job),
  poll: async (job) => check(job),
  stop: async () => {},
};
