import { abortedError, throwIfAborted } from "../http/aborted.js";

/** Room that was taken. */
export interface Reservation {
  /** The size turned out to be another; a larger one waits for nobody, since its bytes are there already. */
  resize(bytes: number): void;
  /** May be called twice. */
  release(): void;
}

/** How many bytes may be under way at once: asked for, arrived, not yet landed. */
export interface ByteBudget {
  /**
   * Waits for room, first come first served. What is larger than the whole budget passes alone.
   * @throws {@link AbortedError} when the signal is aborted before.
   */
  reserve(bytes: number, signal: AbortSignal): Promise<Reservation>;
  /** Bytes taken at the moment. */
  inFlight(): number;
}

/** A budget that all feeds of a run share. */
export function createByteBudget(mostBytes: number): ByteBudget {
  interface Waiting {
    readonly bytes: number;
    readonly enter: () => void;
  }
  const waiting: Waiting[] = [];
  let reservations = 0;
  let taken = 0;

  const fits = (bytes: number): boolean => reservations === 0 || taken + bytes <= mostBytes;

  function take(bytes: number): Reservation {
    let own = bytes;
    let isOpen = true;
    reservations += 1;
    taken += own;
    return {
      resize(size) {
        if (!isOpen) return;
        taken += size - own;
        own = size;
        admit();
      },
      release() {
        if (!isOpen) return;
        isOpen = false;
        reservations -= 1;
        taken -= own;
        admit();
      },
    };
  }

  function admit(): void {
    for (let next = waiting[0]; next !== undefined && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      next.enter();
    }
  }

  return {
    async reserve(bytes, signal) {
      throwIfAborted(signal);
      if (waiting.length === 0 && fits(bytes)) return take(bytes);
      return await new Promise<Reservation>((resolve, reject) => {
        const entry: Waiting = {
          bytes,
          enter() {
            signal.removeEventListener("abort", leave);
            resolve(take(bytes));
          },
        };
        const leave = (): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(abortedError(signal));
          admit();
        };
        signal.addEventListener("abort", leave, { once: true });
        waiting.push(entry);
      });
    },
    inFlight: () => taken,
  };
}
