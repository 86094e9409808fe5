/** Everything somebody dropped or chose, folders walked through. */
import { type Dropped, isHidden } from "../../core/files.ts";

function entries(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function walk(entry: FileSystemEntry, found: Dropped[]): Promise<void> {
  if (isHidden(entry.name)) return;
  if (entry.isFile) {
    found.push({ path: entry.fullPath.replace(/^\//, ""), file: await fileOf(entry as FileSystemFileEntry) });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await entries(reader); // a hundred at a time, until there are none
    if (some.length === 0) return;
    for (const each of some) await walk(each, found);
  }
}

/** The files of a drop. The list of a drop is empty after the first await, so its entries are taken at once. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped[]> {
  const tops = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const loose = [...transfer.files];
  if (tops.length === 0) return loose.map((file) => ({ path: file.name, file }));
  const found: Dropped[] = [];
  for (const top of tops) await walk(top, found);
  return found;
}

export function chosenFiles(list: FileList | null): Dropped[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file })).filter(({ path }) => !isHidden(path));
}
