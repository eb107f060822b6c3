import type { RunWarning } from "../ports/sync-run.js";
import type { RunTally } from "./run-context.js";

/** Collects a run's warnings; the same code and message only once. */
export interface WarningList {
  /** Whether it was new. */
  add(warning: RunWarning): boolean;
  all(): readonly RunWarning[];
}

export function createWarningList(): WarningList {
  const warnings = new Map<string, RunWarning>();
  return {
    add(warning) {
      const key = `${warning.code} ${warning.message}`;
      if (warnings.has(key)) return false;
      warnings.set(key, warning);
      return true;
    },
    all: () => [...warnings.values()],
  };
}

/** Records that were delivered although something about them is unusual. */
export function warningsFromFigures(figures: RunTally): readonly RunWarning[] {
  const count = figures.record("invoice").warned;
  if (count === 0) return [];
  return [
    {
      code: "NEGATIVE_TOTAL",
      message: "Invoices with a negative total were delivered as credits.",
      count,
    },
  ];
}
