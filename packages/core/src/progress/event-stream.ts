import type { SyncEvent } from "../ports/sync-event.js";

/** Beyond this a reader that does not keep up loses the oldest events. */
const maxPending = 10_000;

/** Streams a run's events to any number of readers, each from the first event that is still kept. */
export interface EventStream {
  publish(event: SyncEvent): void;
  /** No event follows. */
  end(): void;
  read(): AsyncIterableIterator<SyncEvent>;
}

export function createEventStream(): EventStream {
  const readers = new Set<Reader>();
  const past: SyncEvent[] = [];
  let ended = false;
  return {
    publish(event) {
      past.push(event);
      if (past.length > maxPending) past.shift();
      for (const reader of readers) reader.push(event);
    },
    end() {
      ended = true;
      for (const reader of readers) reader.end();
      readers.clear();
    },
    read() {
      const reader = createReader(past, () => readers.delete(reader));
      if (ended) reader.end();
      else readers.add(reader);
      return reader.iterator;
    },
  };
}

interface Reader {
  push(event: SyncEvent): void;
  end(): void;
  readonly iterator: AsyncIterableIterator<SyncEvent>;
}

const finished = { done: true, value: undefined } as const;

function createReader(past: readonly SyncEvent[], onClose: () => void): Reader {
  let pending = [...past];
  let ended = false;
  let waiting: ((result: IteratorResult<SyncEvent, undefined>) => void)[] = [];

  function flush(): void {
    while (waiting.length > 0 && (pending.length > 0 || ended)) {
      const event = pending.shift();
      waiting.shift()?.(event === undefined ? finished : { done: false, value: event });
    }
  }

  return {
    push(event) {
      pending.push(event);
      if (pending.length > maxPending) pending.shift();
      flush();
    },
    end() {
      ended = true;
      flush();
    },
    iterator: {
      next: () =>
        new Promise((resolve) => {
          waiting.push(resolve);
          flush();
        }),
      async return() {
        onClose();
        ended = true;
        pending = [];
        flush();
        waiting = [];
        return finished;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
