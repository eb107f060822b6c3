/** A whole number with thousands separated: `25,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1 row`, `2 rows`. */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** A size for people: `0.2 MB`, `1,234.5 MB`. */
export function formatBytes(bytes: number): string {
  const megabytes = (bytes / 1_000_000).toLocaleString("en-US", {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  return `${megabytes} MB`;
}

/** A duration for people: `0.4 s`, `12.3 s`, `4 min 10 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${formatCount(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** Rows per second; `null` when there was no time. */
export function rate(rows: number, milliseconds: number): number | null {
  return milliseconds > 0 ? Math.round((rows * 1000) / milliseconds) : null;
}
