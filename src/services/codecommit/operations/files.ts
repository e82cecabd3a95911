import { PipewrightError } from '../../../kernel/errors.ts';
import type { GitTreeEntry } from '../../../ports/git.ts';
import { errors, type Api, type GetFolderOutput } from '../api.gen.ts';
import { repositoryNamed, resolveCommit, type OperationTools } from '../repositories.ts';
import { fileMode, FOLDER_MODE, SUBMODULE_MODE } from '../rules/modes.ts';
import { checkFilePath, cleanPath, isObjectId } from '../rules/names.ts';
import { Trees } from '../trees.ts';

/** AWS hands out files of up to 6 MB (https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html). */
const LARGEST_FILE = 6 * 1024 * 1024;

async function blob({ git }: OperationTools, repository: string, id: string): Promise<Uint8Array | undefined> {
  try {
    return await git.blob(repository, id, LARGEST_FILE);
  } catch (error) {
    if (error instanceof PipewrightError && error.code === 'BlobTooLarge') {
      throw errors.FileTooLargeException('The file is larger than 6 MB; clone the repository to read it.');
    }
    throw error;
  }
}

function sorted(entries: readonly GitTreeEntry[], folder: string): Omit<GetFolderOutput, 'commitId' | 'folderPath'> {
  const pathsOf = ({ name }: GitTreeEntry) => ({ absolutePath: folder === '' ? name : `${folder}/${name}`, relativePath: name });
  const of = (wanted: (mode: string) => boolean) => entries.filter(({ mode }) => wanted(mode));
  const fileOf = (entry: GitTreeEntry) => ({ blobId: entry.id, ...pathsOf(entry), fileMode: fileMode(entry.mode) });
  return {
    subFolders: of((mode) => mode === FOLDER_MODE).map((entry) => ({ treeId: entry.id, ...pathsOf(entry) })),
    files: of((mode) => mode.startsWith('100')).map(fileOf),
    symbolicLinks: of((mode) => mode === '120000').map(fileOf),
    subModules: of((mode) => mode === SUBMODULE_MODE).map((entry) => ({ commitId: entry.id, ...pathsOf(entry) })),
  };
}

export function fileOperations(tools: OperationTools): Pick<Api, 'getFile' | 'getFolder' | 'getBlob'> {
  const { git } = tools;
  return {
    async getFile({ repositoryName, commitSpecifier, filePath }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      const path = checkFilePath(filePath);
      const commitId = await resolveCommit(tools, row, commitSpecifier);
      const entry = await new Trees(git, row.id).at((await git.commit(row.id, commitId))!.tree, path);
      const content = entry && (await blob(tools, row.id, entry.id));
      if (!entry || !content) throw errors.FileDoesNotExistException(`${path} does not exist in commit ${commitId}`);
      return { commitId, blobId: entry.id, filePath: path, fileMode: fileMode(entry.mode), fileSize: content.length, fileContent: content };
    },

    async getFolder({ repositoryName, commitSpecifier, folderPath }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      const path = cleanPath(folderPath);
      const commitId = await resolveCommit(tools, row, commitSpecifier);
      const trees = new Trees(git, row.id);
      const folder = await trees.at((await git.commit(row.id, commitId))!.tree, path);
      if (folder?.mode !== FOLDER_MODE) throw errors.FolderDoesNotExistException(`${path} does not exist in commit ${commitId}`);
      return { commitId, folderPath: path, treeId: folder.id, ...sorted(await trees.entries(folder.id), path) };
    },

    async getBlob({ repositoryName, blobId }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      if (!isObjectId(blobId)) throw errors.InvalidBlobIdException(`${blobId} is not a full blob id.`);
      const content = await blob(tools, row.id, blobId.toLowerCase());
      if (!content) throw errors.BlobIdDoesNotExistException(`${blobId} is no blob of ${row.name}`);
      return { content };
    },
  };
}
