import { type ExportedRecord, type KnownRecordType, recordColumns } from "@titan-sync/core";

const known: Readonly<Record<KnownRecordType, ReadonlySet<string>>> = {
  member: new Set(recordColumns.member),
  invoice: new Set(recordColumns.invoice),
};

/** The columns of a record that its company's mapping has added, by name, ascending. */
export function addedColumns(values: object, record: KnownRecordType): readonly string[] {
  return Object.keys(values)
    .filter((column) => !known[record].has(column))
    .sort();
}

/** The columns that mappings have added to any of these records, by name, ascending. Holds a page at a time. */
export async function findAddedColumns(
  pages: AsyncIterable<readonly ExportedRecord[]>,
  record: KnownRecordType,
): Promise<readonly string[]> {
  const added = new Set<string>();
  for await (const page of pages) {
    for (const { record: text } of page) {
      for (const column of addedColumns(JSON.parse(text) as object, record)) added.add(column);
    }
  }
  return [...added].sort();
}
