import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readModels } from './botocore.ts';
import type { Botocore } from './botocore.ts';
import { withOwnProviders } from './connections.ts';
import { coverageFile, registeredOperations } from './coverage.ts';
import { withWebhooks } from './notifications.ts';
import { optionsFile } from './options.ts';
import { withS3Names } from './s3.ts';
import { SYSTEMS_MANAGER, onlyOperations, withErrors } from './subset.ts';
import { awsFile, clientModelsFile, serviceFile } from './service-file.ts';

const SERVICES = [
  'codepipeline',
  'codebuild',
  'codecommit',
  'events',
  'logs',
  'iam',
  'sts',
  's3',
  'sns',
  'codeconnections',
  'codestar-connections',
  'codestar-notifications',
  'ssm',
  'secretsmanager',
];
const OWN = 'pipewright';

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function allModels(): Promise<Map<string, Botocore>> {
  const found = await readModels(SERVICES);
  const models = new Map(SERVICES.map((name) => [name, found.get(name)!]));
  models.set('s3', withS3Names(models.get('s3')!));
  for (const name of ['codeconnections', 'codestar-connections']) models.set(name, withOwnProviders(models.get(name)!));
  models.set('codestar-notifications', withWebhooks(models.get('codestar-notifications')!));
  models.set('ssm', withErrors(onlyOperations(models.get('ssm')!, SYSTEMS_MANAGER), ['ValidationException', 'AccessDeniedException']));
  models.set('secretsmanager', withErrors(models.get('secretsmanager')!, ['ValidationException']));
  const own = await readIfThere(join('src/services', OWN, 'model.json'));
  if (own !== undefined) models.set(OWN, JSON.parse(own) as Botocore);
  return models;
}

async function outputs(): Promise<Map<string, string>> {
  const models = await allModels();
  const files = new Map<string, string>();
  for (const [name, model] of models) files.set(join('src/services', name, 'api.gen.ts'), serviceFile(name, model));
  files.set('src/services/aws.gen.ts', awsFile([...models.keys()]));
  files.set('src/client/models.gen.ts', clientModelsFile([...models.keys()]));
  files.set('docs/options.md', optionsFile());
  files.set('docs/coverage.md', coverageFile(models, await registeredOperations()));
  return files;
}

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const [path, text] of await outputs()) {
  if ((await readIfThere(path)) === text) continue;
  stale.push(path);
  if (check) continue;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
if (check && stale.length > 0) {
  console.error(`Out of date, run npm run generate: ${stale.join(', ')}`);
  process.exitCode = 1;
}
