import type { Figures, Medians } from "./benchmark.js";

/** @throws RangeError without numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError("There is no median of no numbers.");
  return (lower + upper) / 2;
}

/** @param measured - all measurements of each variant, by its name. */
export function mediansOf(measured: ReadonlyMap<string, readonly Figures[]>): Medians {
  return {
    of(variant, figure) {
      const values = (measured.get(variant) ?? []).flatMap((figures) => figures[figure] ?? []);
      if (values.length === 0) throw new RangeError(`${variant} has no figure named ${figure}.`);
      return median(values);
    },
  };
}
