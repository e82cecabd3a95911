import { errors, type CreateCommitInput, type FileMetadata, type PutFileEntry } from '../api.gen.ts';
import { checkFilePath } from './names.ts';
import { fileMode, FOLDER_MODE, gitMode, SUBMODULE_MODE } from './modes.ts';

/** A file as it is before the commit. */
export interface FileBefore {
  readonly id: string;
  readonly mode: string;
}

/** What the plan needs to know of the parent commit: what lies at each path asked about, folders included. */
export type Before = ReadonlyMap<string, FileBefore>;

export type PlannedEdit =
  | { readonly kind: 'put'; readonly path: string; readonly mode: string; readonly content: Uint8Array | { readonly id: string } }
  | { readonly kind: 'delete'; readonly path: string };

type Request = Pick<CreateCommitInput, 'putFiles' | 'deleteFiles' | 'setFileModes'>;

/** AWS takes this many entries in one commit (https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html). */
const MOST_ENTRIES = 100;

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function entriesOf({ putFiles = [], deleteFiles = [], setFileModes = [] }: Request) {
  const puts = putFiles.map((entry) => ({ ...entry, path: checkFilePath(entry.filePath) }));
  const sources = puts.map(
    ({ sourceFile }) => sourceFile && { path: checkFilePath(sourceFile.filePath), isMove: sourceFile.isMove ?? false },
  );
  const deletes = deleteFiles.map(({ filePath }) => checkFilePath(filePath));
  const modes = setFileModes.map((entry) => ({ path: checkFilePath(entry.filePath), mode: gitMode(entry.fileMode) }));
  return { puts, sources, deletes, modes };
}

/** Every path that the plan has to know about. */
export function pathsAskedAbout(request: Request): ReadonlySet<string> {
  const { puts, sources, deletes, modes } = entriesOf(request);
  const touched = [
    ...puts.map(({ path }) => path),
    ...sources.flatMap((source) => source?.path ?? []),
    ...deletes,
    ...modes.map(({ path }) => path),
  ];
  return new Set(touched.flatMap((path) => [path, ...foldersOf(path)]));
}

function checkEntries(request: Request): void {
  const { puts, sources, deletes, modes } = entriesOf(request);
  const paths = [...puts.map(({ path }) => path), ...deletes, ...modes.map(({ path }) => path)];
  if (paths.length === 0) throw errors.FileEntryRequiredException('A commit needs at least one file to put, delete or change the mode of.');
  if (paths.length > MOST_ENTRIES) throw errors.MaximumFileEntriesExceededException(`A commit takes at most ${MOST_ENTRIES} entries.`);
  if (new Set(puts.map(({ path }) => path)).size < puts.length) throw errors.PutFileEntryConflictException('A path is put more than once.');
  if (new Set(paths).size < paths.length) throw errors.SamePathRequestException('A path is named by more than one entry.');
  const moved = sources.flatMap((source) => (source?.isMove ? [source.path] : []));
  const usedTwice = moved.find(
    (path, index) => paths.includes(path) || sources.filter((source) => source?.path === path).length > 1 || moved.indexOf(path) < index,
  );
  if (usedTwice !== undefined) throw errors.RestrictedSourceFileException(`${usedTwice} is moved, and named by another entry too.`);
}

function isFile(found: FileBefore | undefined): found is FileBefore {
  return found !== undefined && found.mode !== FOLDER_MODE && found.mode !== SUBMODULE_MODE;
}

function existingFile(before: Before, path: string): FileBefore {
  const found = before.get(path);
  if (!isFile(found)) throw errors.FileDoesNotExistException(`${path} does not exist`);
  return found;
}

/** A file cannot stand where a folder is, nor below a file, unless that goes in the same commit. */
function checkPlace(before: Before, path: string, gone: ReadonlySet<string>): void {
  const here = before.get(path);
  if (here?.mode === FOLDER_MODE) throw errors.FileNameConflictsWithDirectoryNameException(`${path} is a folder`);
  const above = foldersOf(path).find((folder) => before.has(folder) && before.get(folder)!.mode !== FOLDER_MODE && !gone.has(folder));
  if (here?.mode === SUBMODULE_MODE || (above !== undefined && before.get(above)!.mode === SUBMODULE_MODE)) {
    throw errors.FilePathConflictsWithSubmodulePathException(`${path} lies in a submodule`);
  }
  if (above !== undefined) throw errors.DirectoryNameConflictsWithFileNameException(`${above} is a file`);
}

function contentOf(before: Before, entry: PutFileEntry): Uint8Array | { readonly id: string } {
  const { filePath, fileContent, sourceFile } = entry;
  if (fileContent && sourceFile) throw errors.FileContentAndSourceFileSpecifiedException(`${filePath} has both content and a source file.`);
  if (sourceFile) return { id: existingFile(before, checkFilePath(sourceFile.filePath)).id };
  if (!fileContent) throw errors.SourceFileOrContentRequiredException(`${filePath} has neither content nor a source file.`);
  return fileContent;
}

function putEdit(before: Before, entry: PutFileEntry & { readonly path: string }): PlannedEdit {
  const { path, fileMode: wanted, sourceFile } = entry;
  const inherited = before.get(sourceFile ? checkFilePath(sourceFile.filePath) : path);
  // An update without a mode keeps the file's; a copy takes its source's.
  const mode = wanted || !isFile(inherited) ? gitMode(wanted) : inherited.mode;
  return { kind: 'put', path, mode, content: contentOf(before, entry) };
}

/** The steps of a commit in the order they are applied; throws what AWS throws for requests that cannot be carried out. */
export function planCommit(request: Request, before: Before): readonly PlannedEdit[] {
  checkEntries(request);
  const { puts, sources, deletes, modes } = entriesOf(request);
  const moved = sources.flatMap((source) => (source?.isMove ? [source.path] : []));
  const gone = new Set([...deletes, ...moved]);
  for (const path of gone) existingFile(before, path);
  for (const { path } of puts) checkPlace(before, path, gone);
  // Two files of one request may be in each other's way as well.
  const below = puts.find(({ path }) => foldersOf(path).some((folder) => puts.some((other) => other.path === folder)));
  if (below) throw errors.DirectoryNameConflictsWithFileNameException(`${below.path} lies below a file of the same commit`);
  return [
    ...[...gone].map((path) => ({ kind: 'delete', path }) as const),
    ...puts.map((entry) => putEdit(before, entry)),
    ...modes.map(({ path, mode }) => ({ kind: 'put', path, mode, content: { id: existingFile(before, path).id } }) as const),
  ];
}

export interface CommitSummary {
  readonly filesAdded: readonly FileMetadata[];
  readonly filesUpdated: readonly FileMetadata[];
  readonly filesDeleted: readonly FileMetadata[];
}

/** What a commit did, file by file; `idOf` gives the blob id of new content. Files put as they were already are not named. */
export function summarise(edits: readonly PlannedEdit[], before: Before, idOf: (content: Uint8Array) => string): CommitSummary {
  const metadata = (path: string, { id, mode }: FileBefore): FileMetadata => ({ absolutePath: path, blobId: id, fileMode: fileMode(mode) });
  const puts = edits.flatMap((edit) => {
    if (edit.kind === 'delete') return [];
    const id = edit.content instanceof Uint8Array ? idOf(edit.content) : edit.content.id;
    const old = before.get(edit.path);
    return old?.id === id && old.mode === edit.mode ? [] : [{ file: metadata(edit.path, { id, mode: edit.mode }), isNew: !isFile(old) }];
  });
  return {
    filesAdded: puts.filter(({ isNew }) => isNew).map(({ file }) => file),
    filesUpdated: puts.filter(({ isNew }) => !isNew).map(({ file }) => file),
    filesDeleted: edits.flatMap(({ kind, path }) => (kind === 'delete' ? [metadata(path, before.get(path)!)] : [])),
  };
}
