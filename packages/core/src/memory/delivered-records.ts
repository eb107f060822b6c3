import type { Clock } from "../ports/clock.js";
import type { DeliveredRecord, SettledItem } from "../ports/delivery-store.js";
import { OrderedMap } from "./ordered-map.js";

/** What was last delivered of one record; `record` is `null` for a removed one. */
export interface DeliveredRow extends DeliveredRecord {
  readonly record: string | null;
}

/** What was last delivered of one tenant's records of one type. */
export class DeliveredRecords {
  readonly #rows = new OrderedMap<DeliveredRow>();

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): DeliveredRow | null {
    return this.#rows.get(id);
  }

  /** The revision of the next delivery of a record. */
  nextRevision(id: string, least: number): number {
    return Math.max(least, (this.#rows.get(id)?.revision ?? 0) + 1);
  }

  /** Ascending by id, removed ones included; `null` begins with the lowest. */
  above(after: string | null): Iterable<readonly [id: string, row: DeliveredRow]> {
    return this.#rows.above(after);
  }

  /** Ascending by id, without removed ones; `null` begins with the lowest. */
  *currentAbove(after: string | null): Generator<{ readonly id: string; readonly record: string }> {
    for (const [id, { record }] of this.#rows.above(after)) if (record !== null) yield { id, record };
  }

  /** Keeps what a settled item delivered; an older revision never replaces a newer one. */
  settle(item: SettledItem): void {
    if (item.outcome === "upserted") {
      const { id, contentHash, revision, record } = item;
      this.#put({ id, contentHash, revision, removed: false, record });
    } else if (item.outcome === "removed") {
      const { id, revision } = item;
      this.#put({ id, contentHash: null, revision, removed: true, record: null });
    }
  }

  #put(row: DeliveredRow): void {
    const before = this.#rows.get(row.id);
    if (before === null || before.revision <= row.revision) this.#rows.set(row.id, row);
  }
}

/** Below no revision that an earlier table may have given: the clock in microseconds since 1970. */
export function minRevision(clock: Clock): number {
  return Math.floor(clock.now() * 1000);
}

/** The part of a row that readers get. */
export function toDeliveredRecord({ id, contentHash, revision, removed }: DeliveredRow): DeliveredRecord {
  return { id, contentHash, revision, removed };
}
