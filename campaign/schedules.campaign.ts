import { describe, test } from "vitest";
import { checkCalendar, oddZones } from "../packages/core/src/schedules/__fixtures__/calendar-property.js";

import { isSample, seed } from "./support/campaign.js";

/** The short form looks at every fifth zone, other ones for another seed. */
const zones = isSample ? oddZones.filter((_, n) => n % 5 === seed % 5) : oddZones;
const schedules = isSample ? 8 : 25;
const span = isSample ? "around changes of the clocks" : "through a year";

describe("schedules", () => {
  test.each(zones)(
    `start in %s in %i (%s) exactly as a naive reading says, ${span} (seed ${seed})`,
    (...zone) => {
      checkCalendar({ seed, schedules, isWhole: !isSample, zones: [zone] });
    },
  );
});
