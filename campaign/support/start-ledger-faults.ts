import type { StoredStart } from "@titan-sync/core";

/**
 * Reads the ledger of a schedule with a start every so many milliseconds as naively as possible: from its first nominal
 * instant on, each has one outcome.
 *
 * @param starts - all of them, in any order.
 * @param until - the last instant that must have an outcome by now.
 * @returns a sentence for each instant that has none or two.
 */
export function ledgerFaults(
  starts: readonly StoredStart[],
  {
    firstNominalAt,
    everyMs,
    until,
  }: { readonly firstNominalAt: number; readonly everyMs: number; readonly until: number },
): readonly string[] {
  const outcomes = new Map<number, number>();
  const faults: string[] = [];
  for (const { nominalAt, lastNominalAt, count } of starts) {
    if (lastNominalAt - nominalAt !== (count - 1) * everyMs) {
      faults.push(`the entry of ${nominalAt} counts ${count} starts up to ${lastNominalAt}`);
    }
    for (let instant = nominalAt; instant <= lastNominalAt; instant += everyMs) {
      outcomes.set(instant, (outcomes.get(instant) ?? 0) + 1);
    }
  }
  for (let instant = firstNominalAt; instant <= until; instant += everyMs) {
    const count = outcomes.get(instant) ?? 0;
    if (count !== 1) faults.push(`the start of ${new Date(instant).toISOString()} has ${count} outcomes`);
    outcomes.delete(instant);
  }
  for (const instant of outcomes.keys()) {
    if (instant < firstNominalAt || (instant - firstNominalAt) % everyMs !== 0) {
      faults.push(`${new Date(instant).toISOString()} is not a nominal instant`);
    }
  }
  return faults;
}
