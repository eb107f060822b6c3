import type { NominalInstants } from "./nominal-instants.js";
import { stableFraction } from "./stable-fraction.js";

const secondMs = 1000;

/**
 * The times of `every`: equally far apart forever, whatever clocks do. Where they lie within the interval
 * is drawn
 * from the credential's id, in whole seconds: many credentials of the same interval are spread over all of it.
 */
export function intervalTimes(credentialId: string, intervalMs: number): NominalInstants {
  const seconds = Math.floor(stableFraction("phase", credentialId) * (intervalMs / secondMs));
  const phase = seconds * secondMs;
  return {
    intervalMs,
    after: (time) => phase + (Math.floor((time - phase) / intervalMs) + 1) * intervalMs,
  };
}
