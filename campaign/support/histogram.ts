/** Counts by name. */
export interface Histogram {
  add(name: string): void;
  count(name: string): number;
  readonly total: number;
  /** One line for each name, with a bar. */
  print(): string;
}

export function createHistogram(names: readonly string[] = []): Histogram {
  const counts = new Map(names.map((name) => [name, 0]));
  const total = (): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
  return {
    add: (name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    count: (name) => counts.get(name) ?? 0,
    get total() {
      return total();
    },
    print() {
      const width = Math.max(0, ...[...counts.keys()].map((name) => name.length));
      return [...counts]
        .map(([name, count]) => `${name.padEnd(width)} ${String(count).padStart(5)} ${"#".repeat(count)}`)
        .join("\n");
    },
  };
}
