import type { Writable } from "node:stream";
import { orAborted } from "../async/aborted.js";
import type { RecordBatch, RecordSinkObject } from "../ports/record-sink.js";
import { batchFiles } from "./batch-files.js";
import { columnsOf, type FlatValue, flatRow } from "./flat-rows.js";

export type JsonLinesSinkOptions =
  | {
      /**
       * The directory for one file per batch, `members/<company>.<batch>.jsonl` or `invoices/…`. Each file appears
       * whole.
       */
      readonly directory: string;
    }
  | {
      /**
       * Receives the lines of each batch at once. A batch that is repeated during this process's lifetime is skipped;
       * after a restart lines may appear twice: use the highest `revision` of each `source_id`.
       */
      readonly stream: Writable;
    };

/**
 * Writes changes as JSON, one per line: `op` (`upsert` or `remove`), `source_id`, `source_tenant`, `environment`,
 * `revision`, and the record's columns. A total is a number with every digit it has.
 *
 * @example
 * const sink = jsonLinesSink({ directory: "/var/spool/titan" });
 *
 */
export function jsonLinesSink(options: JsonLinesSinkOptions): RecordSinkObject {
  return "directory" in options
    ? batchFiles(options.directory, "jsonl", renderLines)
    : streamOf(options.stream, renderLines);
}

function renderLines(batch: RecordBatch): string {
  const columns = columnsOf(batch);
  return batch.items
    .map((item) => {
      const row = flatRow(batch, item);
      const present = item.op === "remove" ? columns.filter((column) => column in row) : columns;
      const members = present.map(
        (column) => `${JSON.stringify(column)}:${jsonOf(column, row[column] ?? null)}`,
      );
      return `{${members.join(",")}}\n`;
    })
    .join("");
}

/** A JavaScript number would lose digits of a total. */
function jsonOf(column: string, value: FlatValue): string {
  const isDecimal = column === "total" && typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value);
  return isDecimal ? value : JSON.stringify(value);
}

function streamOf(stream: Writable, render: (batch: RecordBatch) => string): RecordSinkObject {
  /** By the batch's id, also while it is being written: a repeated batch waits for the same lines. */
  const written = new Map<string, Promise<void>>();
  // The batch's write reports the failure; without a listener it would end the process.
  stream.on("error", () => undefined);

  function write(batch: RecordBatch): Promise<void> {
    const writing = new Promise<void>((resolve, reject) => {
      stream.write(render(batch), (error) => (error ? reject(error) : resolve()));
    });
    written.set(batch.id, writing);
    writing.catch(() => written.delete(batch.id));
    return writing;
  }

  return {
    keepsHistory: true,
    async write(batch, { signal }) {
      signal.throwIfAborted();
      await orAborted(() => written.get(batch.id) ?? write(batch), signal);
      return { rejected: [] };
    },
  };
}
