import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SinkError } from "../errors.js";
import type { RecordBatch, RecordSinkObject } from "../ports/record-sink.js";
import { fileExists, writeFileAtomically } from "./atomic-file.js";

/** A sink that makes one file of each batch; a batch that comes again finds its file there. */
export function batchFiles(
  directory: string,
  extension: string,
  render: (batch: RecordBatch) => string,
): RecordSinkObject {
  return {
    // A file of an earlier batch stays what it was.
    keepsHistory: true,
    async write(batch, { signal }) {
      signal.throwIfAborted();
      const path = pathOf(directory, extension, batch);
      try {
        if (batch.items.length > 0 && !(await fileExists(path))) {
          await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          await writeFileAtomically(path, render(batch));
        }
      } catch (error) {
        throw new SinkError(`A file of ${batch.record} records could not be written.`, {
          hint: "Check that the directory exists, may be written to, and has room.",
          cause: error,
        });
      }
      return { rejected: [] };
    },
  };
}

/** `members/<company>.<batch>.<extension>`: nothing in a name leads out of the directory. */
function pathOf(directory: string, extension: string, { id, record, scope }: RecordBatch): string {
  const name = [scope.companyId, id].map(encodeURIComponent).join(".");
  return join(directory, `${record}s`, `${name}.${extension}`);
}
