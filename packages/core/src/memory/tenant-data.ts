import type { FeedName } from "../feeds/feed.js";
import type { StagedBatch } from "../ports/delivery-store.js";
import type { FeedCursor } from "../ports/feed-cursor.js";
import type { TenantScope } from "../ports/tenant.js";
import type { Touch } from "../ports/work-queue.js";
import type { RecordType } from "../records/record.js";
import { compareIds, compareText } from "./compare-ids.js";
import { DeliveredRecords } from "./delivered-records.js";
import { type EntityRow, FeedEntities } from "./feed-entities.js";
import { PendingKeys } from "./pending-keys.js";
import { scopeKey } from "./scope-key.js";

/** Everything that is kept of one tenant's data. */
export class TenantData {
  readonly scope: TenantScope;
  readonly cursors = new Map<FeedName, FeedCursor>();
  /** By id, in the order in which they were stored. */
  readonly batches = new Map<string, StagedBatch>();
  readonly #nextSequence: () => number;
  readonly #entities = new Map<FeedName, FeedEntities>();
  readonly #pending = new Map<string, PendingKeys>();
  readonly #delivered = new Map<RecordType, DeliveredRecords>();

  constructor(scope: TenantScope, nextSequence: () => number) {
    this.scope = { ...scope };
    this.#nextSequence = nextSequence;
  }

  get hasEntities(): boolean {
    return [...this.#entities.values()].some((entities) => entities.size > 0);
  }

  /** Whether any landed, delivered or pending data is stored. */
  get isEmpty(): boolean {
    const hasPending = [...this.#pending.values()].some((keys) => keys.size > 0);
    const hasDelivered = [...this.#delivered.values()].some((records) => records.size > 0);
    return !(this.hasEntities || hasPending || hasDelivered || this.batches.size > 0);
  }

  entities(feed: FeedName): FeedEntities {
    return getOrAdd(this.#entities, feed, () => new FeedEntities());
  }

  /** The part of the work queue with a feed's ids for a record. */
  pending(record: RecordType, feed: FeedName): PendingKeys {
    return getOrAdd(this.#pending, `${record} ${feed}`, () => new PendingKeys(this.#nextSequence));
  }

  /** The same, for every record. */
  pendingOf(feed: FeedName): readonly PendingKeys[] {
    return [...this.#pending].filter(([key]) => key.endsWith(` ${feed}`)).map(([, keys]) => keys);
  }

  delivered(record: RecordType): DeliveredRecords {
    return getOrAdd(this.#delivered, record, () => new DeliveredRecords());
  }

  /** Enqueues what a change of an entity touches: itself, or what its links named before and name now. */
  touch(touches: readonly Touch[], before: EntityRow | null, after: EntityRow): void {
    for (const { record, feed, link } of touches) {
      const ids = link === null ? [after.id] : [before?.links[link] ?? null, after.links[link] ?? null];
      const pending = this.pending(record, feed);
      for (const id of new Set(ids)) if (id !== null) pending.add(id);
    }
  }
}

/** The data of all tenants. */
export class Tenants {
  readonly #tenants = new Map<string, TenantData>();
  /** One series for all, never restarted: a key that is queued again never gets an earlier sequence. */
  #lastSequence = 0;

  /** For writing: an unknown tenant is added. */
  for(scope: TenantScope): TenantData {
    return getOrAdd(this.#tenants, scopeKey(scope), () => this.#create(scope));
  }

  /** For reading: an unknown tenant is empty. */
  read(scope: TenantScope): TenantData {
    return this.#tenants.get(scopeKey(scope)) ?? this.#create(scope);
  }

  forget(scope: TenantScope): void {
    this.#tenants.delete(scopeKey(scope));
  }

  /** Ordered by company, environment and tenant. */
  inOrder(): readonly TenantData[] {
    return [...this.#tenants.values()].sort((left, right) => compareScopes(left.scope, right.scope));
  }

  #create(scope: TenantScope): TenantData {
    return new TenantData(scope, () => {
      this.#lastSequence += 1;
      return this.#lastSequence;
    });
  }
}

/** Orders by company, environment and tenant, the last as a number. */
export function compareScopes(left: TenantScope, right: TenantScope): number {
  return (
    compareText(left.companyId, right.companyId) ||
    compareText(left.environment, right.environment) ||
    compareIds(left.tenantId, right.tenantId)
  );
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
