import { AbortedError } from "../errors.js";
import { abortedError, throwIfAborted } from "./aborted.js";

/** Room that was taken. */
export interface Reservation {
  /** Corrects the size. A larger one does not wait, because its bytes are already in memory. */
  resize(bytes: number): void;
  /** May be called twice. */
  release(): void;
}

/**
 * How many bytes may be in memory at once: of pages that were requested but have not landed, of batches that are loaded
 * but not delivered. A caller must not wait for room while it holds some that only it can release: two such callers
 * would deadlock.
 */
export interface ByteBudget {
  readonly maxBytes: number;
  /**
   * Waits for room, first come first served. A request larger than the whole budget is admitted alone.
   * @throws {@link AbortedError} when the signal is aborted before.
   */
  reserve(bytes: number, signal: AbortSignal): Promise<Reservation>;
  /** Bytes taken at the moment. */
  inFlight(): number;
}

/** What one user of a budget has reserved. */
export interface ByteShare extends Pick<ByteBudget, "reserve"> {
  /**
   * Releases everything not yet released, so that a failure here leaves nobody waiting elsewhere. Callers
   * that
   * wait for room here get an {@link AbortedError}. May be called twice.
   */
  close(): void;
}

export function openShare(budget: ByteBudget): ByteShare {
  const open = new Set<Reservation>();
  let isClosed = false;
  return {
    async reserve(bytes, signal) {
      const reservation = await budget.reserve(bytes, signal);
      if (isClosed) {
        reservation.release();
        throw new AbortedError("The work that waited for memory has ended.");
      }
      open.add(reservation);
      return {
        resize: reservation.resize,
        release() {
          open.delete(reservation);
          reservation.release();
        },
      };
    },
    close() {
      isClosed = true;
      for (const reservation of open) reservation.release();
      open.clear();
    },
  };
}

/** A budget that all feeds and record types of a run share. */
export function createByteBudget(maxBytes: number): ByteBudget {
  interface Waiting {
    readonly bytes: number;
    readonly enter: () => void;
  }
  const waiting: Waiting[] = [];
  let reservations = 0;
  let taken = 0;

  const fits = (bytes: number): boolean => reservations === 0 || taken + bytes <= maxBytes;

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
    maxBytes,
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
