import type { Writable } from "node:stream";
import type { Page } from "@titan-sync/core";
import { formatTable } from "./table.js";
import { writeJson, writeLine } from "./write.js";

export interface ListLayout<Item> {
  /** Header and content of each column. */
  readonly columns: readonly (readonly [header: string, cell: (item: Item) => string])[];
  /** The text for an empty list. */
  readonly empty: string;
}

/** Prints one page of a list: as a JSON document, or as a table with a note on how to continue. */
export async function printList<Item>(
  stream: Writable,
  page: Page<Item>,
  layout: ListLayout<Item>,
  json: boolean,
): Promise<void> {
  if (json) {
    await writeJson(stream, { items: page.items, next: page.next });
    return;
  }
  if (page.items.length === 0) {
    await writeLine(stream, layout.empty);
    return;
  }
  const headers = layout.columns.map(([header]) => header);
  const rows = page.items.map((item) => layout.columns.map(([, cell]) => cell(item)));
  await writeLine(stream, formatTable(headers, rows));
  if (page.next !== null) await writeLine(stream, `\nMore with --cursor ${page.next}`);
}
