import type { Readable } from "node:stream";
import { promisify } from "node:util";
import yauzl, { type Entry, type ZipFile } from "yauzl";

/** The files in a zip archive, to be read one by one. */
export interface ZipEntries {
  /** `null` when there is no such file. */
  read(name: string): Promise<Readable | null>;
  close(): void;
}

const open = promisify<string, yauzl.Options, ZipFile>(yauzl.open);

/** Lists an archive; contents are read when they are asked for. */
export async function openZip(path: string): Promise<ZipEntries> {
  const archive = await open(path, { lazyEntries: true, autoClose: false });
  const entries = await listEntries(archive);
  return {
    async read(name) {
      const entry = entries.get(name);
      if (entry === undefined) return null;
      return await new Promise((resolve, reject) => {
        archive.openReadStream(entry, (error, stream) => (error === null ? resolve(stream) : reject(error)));
      });
    },
    close: () => archive.close(),
  };
}

function listEntries(archive: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  return new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>();
    archive.on("entry", (entry: Entry) => {
      entries.set(entry.fileName, entry);
      archive.readEntry();
    });
    archive.on("end", () => resolve(entries));
    archive.on("error", reject);
    archive.readEntry();
  });
}
