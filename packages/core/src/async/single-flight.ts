import { orAborted, throwIfAborted } from "./aborted.js";

interface Flight<Result> {
  readonly result: Promise<Result>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Lets callers that come while the work is being done share it. One caller's abort does not stop it for the
 * others; when all have gone it is stopped.
 */
export function createSingleFlight<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): (signal: AbortSignal) => Promise<Result> {
  let current: Flight<Result> | null = null;

  function start(): Flight<Result> {
    const controller = new AbortController();
    const flight: Flight<Result> = { result: work(controller.signal), controller, waiting: 0 };
    const land = (): void => {
      if (current === flight) current = null;
    };
    flight.result.then(land, land);
    current = flight;
    return flight;
  }

  return async (signal) => {
    throwIfAborted(signal);
    const flight = current ?? start();
    flight.waiting += 1;
    try {
      return await orAborted(() => flight.result, signal);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0 && current === flight) {
        current = null;
        flight.controller.abort();
      }
    }
  };
}
