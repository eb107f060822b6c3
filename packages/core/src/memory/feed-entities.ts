import type { LandedEntity } from "../ports/entity-store.js";
import type { LandParams, NewEntity } from "../ports/landing-store.js";
import { OrderedMap } from "./ordered-map.js";
import { ownText } from "./own-text.js";

/** A landed entity as it is kept. */
export interface EntityRow extends NewEntity {
  readonly source: LandParams["source"];
  readonly removed: boolean;
  /** Epoch milliseconds. */
  readonly landedAt: number;
}

/** How a row is landed. */
export interface Landing extends Pick<LandParams, "source"> {
  /** The time, in epoch milliseconds. */
  readonly now: number;
  /** Whether the stored row may be replaced by any other row. */
  yields?(before: EntityRow): boolean;
}

/** The outcome of landing a row. */
export type LandOutcome =
  | { readonly kind: "landed"; readonly before: EntityRow | null; readonly after: EntityRow }
  | { readonly kind: "unchanged" | "superseded" };

/** The landed entities of one feed of one tenant, found by id and by what they refer to. */
export class FeedEntities {
  readonly #rows = new OrderedMap<EntityRow>();
  /** For each link, the entities by the id that it names. */
  readonly #byLink = new Map<string, Map<string, OrderedMap<EntityRow>>>();

  get size(): number {
    return this.#rows.size;
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  get(id: string): EntityRow | null {
    return this.#rows.get(id);
  }

  /** Ascending by id; `null` begins with the lowest. */
  above(after: string | null): Iterable<readonly [id: string, row: EntityRow]> {
    return this.#rows.above(after);
  }

  /** Ascending; `null` begins with the lowest. */
  *idsAbove(after: string | null): Generator<string> {
    for (const [id] of this.#rows.above(after)) yield id;
  }

  /** The entities whose link names this id, ascending. */
  referringTo(link: string, id: string, after: string | null = null): Iterable<readonly [string, EntityRow]> {
    return this.#byLink.get(link)?.get(id)?.above(after) ?? [];
  }

  land(entity: NewEntity, landing: Landing): LandOutcome {
    const { source, now } = landing;
    const before = this.#rows.get(entity.id);
    const kind = judge(entity, landing, before);
    if (kind === "landed") {
      const payload = ownText(entity.payload);
      const links = { ...entity.links };
      const after = { ...entity, payload, links, source, removed: false, landedAt: now };
      this.#put(before, after);
      return { kind, before, after };
    }
    // The export has confirmed a row of a list endpoint: from now on it counts as an export row.
    if (kind === "unchanged" && before !== null && source === "export" && before.source === "list") {
      this.#put(before, { ...before, source });
    }
    return { kind };
  }

  markRemoved(row: EntityRow): void {
    this.#put(row, { ...row, removed: true });
  }

  /** Whether there was one. */
  delete(id: string): boolean {
    const row = this.#rows.get(id);
    if (row === null) return false;
    for (const [link, target] of Object.entries(row.links))
      if (target !== null) this.#unlink(link, target, id);
    this.#rows.delete(id);
    return true;
  }

  #put(before: EntityRow | null, after: EntityRow): void {
    this.#rows.set(after.id, after);
    for (const [link, target] of Object.entries(before?.links ?? {})) {
      if (target !== null && after.links[link] !== target) this.#unlink(link, target, after.id);
    }
    for (const [link, target] of Object.entries(after.links)) {
      if (target !== null) this.#referrers(link, target).set(after.id, after);
    }
  }

  #unlink(link: string, target: string, id: string): void {
    const referrers = this.#byLink.get(link)?.get(target);
    referrers?.delete(id);
    if (referrers?.size === 0) this.#byLink.get(link)?.delete(target);
  }

  #referrers(link: string, target: string): OrderedMap<EntityRow> {
    const targets = this.#byLink.get(link) ?? new Map<string, OrderedMap<EntityRow>>();
    this.#byLink.set(link, targets);
    const referrers = targets.get(target) ?? new OrderedMap<EntityRow>();
    targets.set(target, referrers);
    return referrers;
  }
}

/** The part of a row that readers get. */
export function toLandedEntity({ id, payload, removed }: EntityRow): LandedEntity {
  return { id, payload, removed };
}

function judge(entity: NewEntity, landing: Landing, before: EntityRow | null): LandOutcome["kind"] {
  if (before === null) return "landed";
  if (entity.contentHash === before.contentHash) return before.removed ? "landed" : "unchanged";
  if (landing.yields?.(before) === true) return "landed";
  // An empty text sorts before every time.
  const modified = entity.modifiedOn ?? "";
  const modifiedBefore = before.modifiedOn ?? "";
  if (modified !== modifiedBefore) return modified > modifiedBefore ? "landed" : "superseded";
  if (before.removed) return "landed";
  return before.source === "export" && landing.source === "list" ? "superseded" : "landed";
}
