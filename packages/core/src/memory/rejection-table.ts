import type { FeedName } from "../feeds/feed.js";
import type { Clock } from "../ports/clock.js";
import type { Page, PageRequest } from "../ports/page.js";
import type {
  DismissedRejection,
  DismissParams,
  NewRejection,
  RejectionCount,
  RejectionFilter,
  RejectionStage,
  StoredRejection,
} from "../ports/rejection-store.js";
import type { PruneStep } from "../ports/retention-store.js";
import type { RunLease } from "../ports/sync-run.js";
import type { TenantScope } from "../ports/tenant.js";
import { isSameScope } from "../ports/tenant.js";
import { Journal } from "./journal.js";
import { ownText } from "./own-text.js";
import { scopeKey } from "./scope-key.js";

interface Row {
  /** Of the run that saw it last. */
  readonly credentialId: string;
  readonly rejection: StoredRejection;
}

/** What was not landed or not delivered: one for each entity and stage, ordered by when it was last seen. */
export class RejectionTable {
  readonly #clock: Clock;
  readonly #rows = new Journal<Row>("rejections");
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keep(lease: RunLease, scope: TenantScope, rejection: NewRejection): void {
    const key = keyOf(scope, rejection.feed, rejection.entityId, rejection.stage);
    const before = this.#rows.get(key)?.rejection;
    const now = this.#clock.now();
    const stored: StoredRejection = {
      ...rejection,
      payload: rejection.payload === null ? null : ownText(rejection.payload),
      rules: [...rejection.rules],
      id: before?.id ?? this.#newId(),
      scope: { ...scope },
      runId: lease.runId,
      firstSeenAt: before?.firstSeenAt ?? now,
      lastSeenAt: now,
      timesSeen: (before?.timesSeen ?? 0) + 1,
    };
    this.#rows.append(key, { credentialId: lease.credentialId, rejection: stored });
  }

  clear(scope: TenantScope, feed: FeedName, entityId: string, stages: readonly RejectionStage[]): void {
    for (const stage of stages) this.#rows.delete(keyOf(scope, feed, entityId, stage));
  }

  list(filter: RejectionFilter, page: PageRequest): Page<StoredRejection> {
    const rows = this.#rows.page((row) => matches(row, filter), page);
    return { items: rows.items.map((row) => row.rejection), next: rows.next };
  }

  count(filter: RejectionFilter): readonly RejectionCount[] {
    const counts = new Map<string, RejectionCount>();
    for (const row of this.#rows.newestFirst()) {
      if (!matches(row, filter)) continue;
      const { feed, stage, rules } = row.rejection;
      const reason = JSON.stringify([feed, stage, rules]);
      const count = (counts.get(reason)?.count ?? 0) + 1;
      counts.set(reason, { feed, stage, rules: [...rules], count });
    }
    return [...counts]
      .sort(([left, one], [right, other]) => other.count - one.count || (left < right ? -1 : 1))
      .map(([, count]) => count);
  }

  /** Deletes payloads that were last seen before this time and can be derived again. */
  prunePayloads({ before, limit }: PruneStep): number {
    const expired = this.#rows
      .newestFirst()
      .filter(
        ({ rejection: { stage, payload, lastSeenAt } }) =>
          stage !== "structure" && payload !== null && lastSeenAt < before,
      )
      .slice(-limit);
    for (const row of expired) {
      const { scope, feed, entityId, stage } = row.rejection;
      const rejection = { ...row.rejection, payload: null };
      this.#rows.replace(keyOf(scope, feed, entityId, stage), { ...row, rejection });
    }
    return expired.length;
  }

  /** Rejections of a company, or of a credential, with these ids. */
  find({ companyId, credentialId, ids }: Omit<DismissParams, "auditEntryOf">): readonly DismissedRejection[] {
    const wanted = new Set(ids);
    return this.#rows
      .newestFirst()
      .filter((row) => wanted.has(row.rejection.id) && matches(row, { companyId, credentialId }))
      .map(({ rejection: { id, scope, feed, entityId, stage, rules } }) => {
        return { id, scope, feed, entityId, stage, rules };
      });
  }

  has(scope: TenantScope): boolean {
    return this.#rows.newestFirst().some(({ rejection }) => isSameScope(rejection.scope, scope));
  }

  /** Deletes these rows' rejections of every stage, and returns their number. */
  forgetRows(
    scope: TenantScope,
    rows: readonly { readonly feed: FeedName; readonly entityId: string }[],
  ): number {
    const keys = new Set(rows.map(({ feed, entityId }) => scopeKey(scope, feed, entityId)));
    return this.#rows.deleteWhere(({ rejection }) =>
      keys.has(scopeKey(rejection.scope, rejection.feed, rejection.entityId)),
    );
  }

  /** A tenant's rejections in the order in which they were created; `null` starts with the first. */
  above(scope: TenantScope, after: string | null, limit: number): readonly StoredRejection[] {
    return this.#rows
      .newestFirst()
      .map((row) => row.rejection)
      .filter(
        (rejection) =>
          isSameScope(rejection.scope, scope) && (after === null || Number(rejection.id) > Number(after)),
      )
      .sort((left, right) => Number(left.id) - Number(right.id))
      .slice(0, limit);
  }

  /** Deletes those with these ids and returns how many that were. */
  forgetIds(scope: TenantScope, ids: readonly string[]): number {
    const wanted = new Set(ids);
    return this.#rows.deleteWhere(
      ({ rejection }) => wanted.has(rejection.id) && isSameScope(rejection.scope, scope),
    );
  }

  /** Drops the payloads of those with these ids and returns how many had one. */
  empty(scope: TenantScope, ids: readonly string[]): number {
    const wanted = new Set(ids);
    let emptied = 0;
    for (const { credentialId, rejection } of this.#rows.newestFirst()) {
      const isMeant = wanted.has(rejection.id) && isSameScope(rejection.scope, scope);
      if (!isMeant || rejection.payload === null) continue;
      const key = keyOf(scope, rejection.feed, rejection.entityId, rejection.stage);
      this.#rows.replace(key, { credentialId, rejection: { ...rejection, payload: null } });
      emptied += 1;
    }
    return emptied;
  }

  /** Deletes a feed's broken rows that were not seen, unless they were seen after the given time. */
  closeUnseen(
    scope: TenantScope,
    feed: FeedName,
    spareAfter: number | null,
    isSeen: (id: string) => boolean,
  ): void {
    this.#rows.deleteWhere(
      ({ rejection }) =>
        isSameScope(rejection.scope, scope) &&
        rejection.feed === feed &&
        rejection.stage === "structure" &&
        rejection.lastSeenAt <= (spareAfter ?? Number.POSITIVE_INFINITY) &&
        !isSeen(rejection.entityId),
    );
  }

  forget(scope: TenantScope): void {
    this.#rows.deleteWhere(({ rejection }) => isSameScope(rejection.scope, scope));
  }

  #newId(): string {
    this.#lastId += 1;
    return String(this.#lastId);
  }
}

function keyOf(scope: TenantScope, feed: FeedName, entityId: string, stage: RejectionStage): string {
  return scopeKey(scope, feed, entityId, stage);
}

function matches({ credentialId, rejection }: Row, filter: RejectionFilter): boolean {
  return (
    (filter.companyId === undefined || rejection.scope.companyId === filter.companyId) &&
    (filter.credentialId === undefined || credentialId === filter.credentialId) &&
    (filter.feed === undefined || rejection.feed === filter.feed) &&
    (filter.stage === undefined || rejection.stage === filter.stage)
  );
}
