import { ValidationError } from "../errors.js";
import type { ScheduleTimes } from "../ports/schedule-store.js";
import { nominalInstants } from "./nominal-instants.js";
import { zoneClock } from "./zone-clock.js";

/** Why a stored schedule cannot be read, and what to do about it. */
export interface ScheduleProblem {
  /** A whole sentence. */
  readonly message: string;
  readonly hint: string;
}

/**
 * What keeps this process from reading a schedule that was saved: it starts nothing until a person has acted. A runtime
 * may know fewer time zones than the one that saved it. `null` for a schedule that can be read.
 */
export function scheduleProblem(schedule: ScheduleTimes): ScheduleProblem | null {
  const { timeZone } = schedule;
  try {
    zoneClock(timeZone);
  } catch {
    return {
      message: `The schedule cannot be read, and starts nothing: this runtime does not know the time zone ${timeZone}.`,
      hint: "Save the schedule with another time zone, or use a Node with current time zone data.",
    };
  }
  try {
    nominalInstants(schedule);
    return null;
  } catch (error) {
    const issues = error instanceof ValidationError ? `: ${error.issues.join("; ")}` : "";
    return {
      message: `The schedule cannot be read, and starts nothing${issues}.`,
      hint: "Save the schedule again.",
    };
  }
}
