import type { Writable } from "node:stream";
import { orAborted } from "../async/aborted.js";
import type { RecordBatch, RecordSinkObject } from "../ports/record-sink.js";
import { batchFiles } from "./batch-files.js";
import { columnsOf, type FlatValue, flatRow } from "./flat-rows.js";

export type JsonLinesSinkOptions =
  | {
      /** One file for each batch, `members/<company>.<batch>.jsonl` or `invoices/…`, appears in here whole. */
      readonly directory: string;
    }
  | {
      /**
       * Gets the lines of each batch at once. A batch that comes again while this process lives is left out;
       * after a restart lines may come twice: the higher `revision` of a `source_id` counts.
       */
      readonly stream: Writable;
    };

/**
 * Writes changes as JSON, one a line: `op` (`upsert` or `remove`), `source_id`, `source_tenant`, `environment`,
 * `revision`, and the record's columns. A total is a number with every digit it has.
 *
 * @example
 * const sink = jsonLinesSink({ directory: "/var/spool/titan" });
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

/** As a number a total would lose digits on its way through JavaScript. */
function jsonOf(column: string, value: FlatValue): string {
  const isDecimal = column === "total" && typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value);
  return isDecimal ? value : JSON.stringify(value);
}

function streamOf(stream: Writable, render: (batch: RecordBatch) => string): RecordSinkObject {
  /** By the batch's id, also while it is being written: a batch that comes again waits for the same lines. */
  const written = new Map<string, Promise<void>>();
  // The failure is the batch's, whose write tells of it; without a listener it would end the process.
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
