import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SinkError } from "../errors.js";
import type { RecordBatch, RecordSinkObject } from "../ports/record-sink.js";
import { fileExists, writeFileAtomically } from "./atomic-file.js";

/** A sink that writes one file per batch; a repeated batch finds its file already there. */
export function batchFiles(
  directory: string,
  extension: string,
  render: (batch: RecordBatch) => string,
): RecordSinkObject {
  return {
    // Files of earlier batches do not change.
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
          hint: "Check that the directory exists, is writable, and has free space.",
          cause: error,
        });
      }
      return { rejected: [] };
    },
  };
}

/** `members/<company>.<batch>.<extension>`: no part of a name can leave the directory. */
function pathOf(directory: string, extension: string, { id, record, scope }: RecordBatch): string {
  const name = [scope.companyId, id].map(encodeURIComponent).join(".");
  return join(directory, `${record}s`, `${name}.${extension}`);
}
