import { HttpResponse, http, type RequestHandler } from "msw";
import type { Simulator } from "./simulator.js";

/** Where the simulator stands in for the real hosts. */
export interface SimulatorHandlersOptions {
  /** For instance `https://api.servicetitan.io`. A path in it is cut off before the simulator sees it. */
  readonly apiUrl: string;
  /** For instance `https://auth.servicetitan.io`. */
  readonly authUrl: string;
}

/**
 * Request handlers for msw. A reset connection becomes msw's network error; everything else is the simulator's
 * own answer. Under msw a body that is cut short may fail the request itself rather than the reading of it.
 *
 * @example
 * const server = setupServer(
 *   ...simulatorHandlers(simulator, {
 *     apiUrl: "https://api.servicetitan.io",
 *     authUrl: "https://auth.servicetitan.io",
 *   }),
 * );
 */
export function simulatorHandlers(
  simulator: Simulator,
  { apiUrl, authUrl }: SimulatorHandlersOptions,
): RequestHandler[] {
  const bases = [...new Set([apiUrl, authUrl].map((url) => url.replace(/\/+$/, "")))];
  return bases.map((base) =>
    http.all(`${base}/*`, async ({ request }) => {
      const path = request.url.slice(base.length);
      try {
        return await simulator.handle(new Request(new URL(path, "http://simulator"), request));
      } catch (error) {
        if (!request.signal.aborted && !(error instanceof TypeError)) throw error;
        return HttpResponse.error();
      }
    }),
  );
}
