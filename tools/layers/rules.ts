/**
 * Who may import whom (DESIGN §2), values and types alike. A file's room is its first folder below src, or the service's own
 * `rules` and `api.gen.ts`. The first pattern that matches a file is its rule; a target that no allowed pattern matches is an error.
 */
export interface LayerRule {
  /** Files the rule is for, as a prefix pattern: `*` stands for one path segment. */
  readonly room: string;
  /** What they may import; `@` stands for the segment that `*` matched in the room. */
  readonly allowed: readonly string[];
}

const OWN_API = 'services/@/api.gen.ts';
const EVERY_API = 'services/*/api.gen.ts';
const AWS = 'services/aws.gen.ts';
const PROVIDER = ['services/codepipeline/provider.ts'];

export const LAYERS: readonly LayerRule[] = [
  { room: 'kernel/', allowed: ['kernel/'] },
  { room: 'ports/', allowed: ['ports/', 'kernel/'] },
  { room: 'protocol/', allowed: ['protocol/', 'kernel/', 'ports/'] },
  { room: 'engine/', allowed: ['engine/', 'kernel/', 'ports/'] },
  { room: 'store/', allowed: ['store/', 'kernel/', 'ports/'] },
  { room: 'runtimes/', allowed: ['runtimes/', 'kernel/', 'ports/'] },
  { room: 'planes/', allowed: ['planes/', 'kernel/', 'ports/', 'protocol/'] },
  { room: 'http/', allowed: ['http/', 'kernel/', 'ports/', 'protocol/'] },
  { room: 'services/aws.gen.ts', allowed: ['protocol/', EVERY_API] },
  { room: EVERY_API, allowed: ['protocol/', 'ports/'] },
  { room: 'services/*/rules/', allowed: ['services/@/rules/', OWN_API, 'kernel/'] },
  { room: 'services/*/', allowed: ['services/@/', 'kernel/', 'ports/', 'protocol/', 'engine/', EVERY_API, AWS] },
  { room: 'actions/', allowed: ['actions/', 'kernel/', 'ports/', EVERY_API, AWS, ...PROVIDER] },
  // Rules run builds as actions do.
  { room: 'conditions/', allowed: ['conditions/', 'actions/', 'kernel/', 'ports/', EVERY_API, AWS, ...PROVIDER] },
  { room: 'client/', allowed: ['client/', 'kernel/', 'protocol/', EVERY_API, AWS] },
  { room: 'cli/', allowed: ['cli/', 'kernel/', 'client/', EVERY_API, AWS, 'services/*/rules/'] },
  { room: 'runner/', allowed: ['runner/', 'kernel/', 'ports/', 'client/', 'runtimes/', EVERY_API, AWS, 'services/codebuild/rules/'] },
  { room: 'agent/', allowed: ['agent/', 'kernel/', 'client/', EVERY_API, AWS, 'services/codedeploy/rules/'] },
  { room: 'console/', allowed: ['console/', 'kernel/', 'client/', EVERY_API, AWS] },
  { room: 'main/', allowed: [''] },
];
