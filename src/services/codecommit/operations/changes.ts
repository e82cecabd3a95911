import { errors, type Api } from '../api.gen.ts';
import { blobId, writeCommit } from '../commit-writer.ts';
import { repositoryNamed, type OperationTools } from '../repositories.ts';
import { checkFilePath } from '../rules/names.ts';

/** Operations that write a commit to a branch. */
export function changeOperations(tools: OperationTools): Pick<Api, 'putFile' | 'deleteFile' | 'createCommit'> {
  return {
    async putFile({ repositoryName, filePath, fileContent, fileMode, name, ...rest }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      const putFiles = [{ filePath, fileContent, ...(fileMode && { fileMode }) }];
      const same = () => errors.SameFileContentException(`${filePath} has this content already.`);
      const author = name === undefined ? {} : { authorName: name };
      const { commitId, treeId } = await writeCommit(tools, row, { ...rest, ...author, putFiles }, ctx, same);
      return { commitId, treeId, blobId: blobId(fileContent) };
    },

    async deleteFile({ repositoryName, filePath, name, commitMessage, ...rest }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      const path = checkFilePath(filePath);
      const nothing = () => errors.FileDoesNotExistException(`${path} does not exist`);
      const texts = { commitMessage: commitMessage ?? `Deleted ${path}`, ...(name !== undefined && { authorName: name }) };
      const { commitId, treeId, filesDeleted } = await writeCommit(
        tools,
        row,
        { ...rest, ...texts, deleteFiles: [{ filePath }] },
        ctx,
        nothing,
      );
      return { commitId, treeId, blobId: filesDeleted[0]!.blobId!, filePath: path };
    },

    async createCommit({ repositoryName, ...rest }, ctx) {
      const row = await repositoryNamed(tools, ctx, repositoryName);
      return writeCommit(tools, row, rest, ctx, () => errors.NoChangeException('The commit would change nothing.'));
    },
  };
}
