const longestBar = 80;

/** Counts by name. */
export interface Histogram {
  /** @param times - how often. @defaultValue once */
  add(name: string, times?: number): void;
  count(name: string): number;
  /** Of all names that begin so. */
  countAll(beginning: string): number;
  readonly total: number;
  /** One line for each name, with a bar. */
  print(): string;
}

export function createHistogram(names: readonly string[] = []): Histogram {
  const counts = new Map(names.map((name) => [name, 0]));
  const countAll = (beginning: string): number =>
    [...counts].reduce((sum, [name, count]) => sum + (name.startsWith(beginning) ? count : 0), 0);
  return {
    add: (name, times = 1) => void counts.set(name, (counts.get(name) ?? 0) + times),
    count: (name) => counts.get(name) ?? 0,
    countAll,
    get total() {
      return countAll("");
    },
    print() {
      const width = Math.max(0, ...[...counts.keys()].map((name) => name.length));
      return [...counts]
        .map(
          ([name, count]) =>
            `${name.padEnd(width)} ${String(count).padStart(5)} ${"#".repeat(Math.min(count, longestBar))}`,
        )
        .join("\n");
    },
  };
}
