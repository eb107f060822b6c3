import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { RecordBatch, RecordSinkObject, RecordType } from "@titan-sync/core";

/** A sink outside of the database, that may see a batch twice: one line for each batch it was given. */
export function fileSink(path: string): RecordSinkObject {
  // A killed process may have left half a line.
  if (existsSync(path) && !readFileSync(path, "utf8").endsWith("\n")) appendFileSync(path, "\n");
  return {
    async write(batch) {
      appendFileSync(path, `${JSON.stringify(batch)}\n`);
      return { rejected: [] };
    },
  };
}

/** @returns each batch as often as it was written whole. */
export function readBatches(path: string): readonly RecordBatch[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split("\n").flatMap(parseLine);
}

function parseLine(line: string): readonly RecordBatch[] {
  try {
    return [JSON.parse(line) as RecordBatch];
  } catch {
    // Half a line: that batch was not acknowledged, and will be sent again.
    return [];
  }
}

/** The current records by id, as a reader that goes by revisions sees them. */
export function foldBatches(
  batches: readonly RecordBatch[],
  record: RecordType,
): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const latest = new Map<string, RecordBatch["items"][number]>();
  for (const item of batches.filter((batch) => batch.record === record).flatMap((batch) => batch.items)) {
    if (item.revision >= (latest.get(item.key)?.revision ?? 0)) latest.set(item.key, item);
  }
  return new Map(
    [...latest.values()].flatMap((item): [string, Record<string, unknown>][] => {
      if (item.op === "remove") return [];
      const { version: _, ...columns } = { version: null, ...item.record };
      return [[item.key, columns]];
    }),
  );
}
