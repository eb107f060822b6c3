/** A table of text for people: columns as wide as their widest cell, cut where a terminal would wrap. */
export function formatTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  { maxCellWidth = 48 }: { readonly maxCellWidth?: number } = {},
): string {
  const cells = [headers, ...rows].map((row) => row.map((cell) => cut(cell, maxCellWidth)));
  const widths = headers.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function cut(text: string, width: number): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
