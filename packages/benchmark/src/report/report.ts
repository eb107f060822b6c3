/** Figures as people read them. */
export interface BenchTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A measured ratio, or another figure that something is expected of. */
export interface Finding {
  readonly what: string;
  readonly measured: string;
  /** What is wanted, for instance `at most 1.3`. */
  readonly target: string;
}

/** A Markdown table; the first column is text, the others are figures. */
export function printTable({ columns, rows }: BenchTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = columns.map((_, index) => (index === 0 ? "---" : "--:"));
  return [line(columns), line(rule), ...rows.map(line)].join("\n");
}

/** @returns the table that compares findings with their targets; empty without findings. */
export function printFindings(findings: readonly Finding[]): string {
  if (findings.length === 0) return "";
  return printTable({
    columns: ["figure", "measured", "target"],
    rows: findings.map(({ what, measured, target }) => [what, `**${measured}**`, target]),
  });
}

/** `1.27` */
export function ratio(value: number): string {
  return value.toFixed(2);
}

/** `12,345` */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** `12.3` from milliseconds. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 2 : 1);
}
