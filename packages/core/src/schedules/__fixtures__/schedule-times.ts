import type { ScheduleTimes } from "../../ports/schedule-store.js";

/** A daily schedule in Chicago, except for what is given. */
export function scheduleTimes(given: Partial<ScheduleTimes> = {}): ScheduleTimes {
  return {
    credentialId: "credential-1",
    cron: given.every === undefined ? "30 2 * * *" : null,
    every: null,
    timeZone: "America/Chicago",
    window: null,
    quietDays: [],
    enabled: true,
    ...given,
  };
}
