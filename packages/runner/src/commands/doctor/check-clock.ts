import { type Finding, good, problem } from "./finding.js";

/** Dates in responses are whole seconds, and a response takes some time. */
const toleratedMs = 60_000;

/** @param clockAheadMs - of each host that said what time it is. */
export function checkClock(clockAheadMs: readonly number[]): readonly Finding[] {
  if (clockAheadMs.length === 0) return [];
  const worst = clockAheadMs.reduce((left, right) => (Math.abs(right) > Math.abs(left) ? right : left));
  const seconds = Math.round(Math.abs(worst) / 1000);
  if (Math.abs(worst) <= toleratedMs) {
    return [
      good({ check: "clock" }, `The clock is correct (within ${Math.max(seconds, 1)} s of ServiceTitan's).`),
    ];
  }
  return [
    problem(
      { check: "clock" },
      `This machine's clock is ${seconds} s ${worst > 0 ? "ahead of" : "behind"} ServiceTitan's.`,
      "Synchronize the machine's clock by NTP: otherwise tokens are renewed too early or too late.",
    ),
  ];
}
