/** Reads CSV as RFC 4180 describes it, strictly: lines end in CR LF, quotes are doubled. Empty fields are `null`. */
export function parseCsv(text: string): readonly Readonly<Record<string, string | null>>[] {
  const [header = [], ...rows] = fieldsOf(text);
  return rows.map((row) => {
    if (row.length !== header.length) throw new Error(`A row has ${row.length} fields: ${row.join("|")}`);
    return Object.fromEntries(header.map((name, index) => [name, row[index] || null]));
  });
}

function fieldsOf(text: string): readonly (readonly string[])[] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  const rows: string[][] = [];
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (match === null) throw new Error(`No field at ${at}: ${text.slice(at, at + 80)}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "\r\n") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
