import { isOwned, type NamedIds, namedBy, namedByRaw, type Ownership } from "../feeds/customer-links.js";
import type { FeedName } from "../feeds/feed.js";
import { parseExactly } from "../json/parse-exactly.js";
import type { ErasureReader, LinkedEntity, RejectedRow } from "../ports/erasure-store.js";

/** What is one customer's, all of one tenant. */
export interface OwnedData {
  /** The customer, and the duplicates that were merged into it, landed or not. */
  readonly customers: ReadonlySet<string>;
  /** Landed entities; the customers' ids are always among those of `customers`. */
  readonly entities: ReadonlyMap<FeedName, ReadonlySet<string>>;
  /** Entities among these, and broken rows, that name no customer themselves. */
  readonly unnamed: readonly { readonly feed: FeedName; readonly id: string }[];
  /** Ids of the customer's rejections that do not belong to its landed entities. */
  readonly rejections: readonly string[];
  /** Ids of broken rows that cannot be attributed to any customer. */
  readonly unattributable: readonly string[];
  /** Entities whose records were rejected while they were the customer's. */
  readonly refused: readonly { readonly feed: FeedName; readonly id: string }[];
  /** Sink rejections of other records, which may have been joined with data of the customer. */
  readonly refusedOfOthers: readonly Pick<RejectedRow, "id" | "feed" | "entityId">[];
}

/** A rejection, without its payload. */
interface BrokenRow extends Pick<RejectedRow, "id" | "feed" | "entityId"> {
  readonly named: NamedIds;
}

const pageSize = 500;

/**
 * Finds what belongs to a customer: what names it, in either direction what hangs on that and names no customer
 * itself, and what was rejected. What names another customer is never among it.
 */
export async function findOwned(
  ownership: Ownership,
  reader: ErasureReader,
  customerId: string,
): Promise<OwnedData> {
  const customers = await withDuplicates(reader, customerId);
  const found = new FoundEntities(ownership, customers);
  const rejected = await readRejections(ownership, reader, customers);
  const queue: { feed: FeedName; entities: readonly LinkedEntity[] }[] = [];
  const enqueue = (feed: FeedName, entities: readonly LinkedEntity[]): void => {
    const added = entities.filter((entity) => found.add(feed, entity));
    if (added.length > 0) queue.push({ feed, entities: added });
  };
  for (const { feed, link } of ownership.customerLinks) {
    enqueue(feed, await reader.findEntitiesByLink({ feed, link, ids: [...customers] }));
  }
  // A broken row of the customer leads to others just as a landed one does.
  for (const { feed, entityId, named } of rejected.own) {
    queue.push({ feed, entities: [{ id: entityId, links: named.links }] });
  }
  let undecided = rejected.nobodys;
  const attributed: BrokenRow[] = [];
  for (;;) {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await follow(ownership, reader, found, next.feed, next.entities, enqueue);
    }
    const owned = undecided.filter((row) => found.leadsTo(row));
    if (owned.length === 0) break;
    attributed.push(...owned);
    undecided = undecided.filter((row) => !owned.includes(row));
    for (const { feed, entityId, named } of owned) {
      queue.push({ feed, entities: [{ id: entityId, links: named.links }] });
    }
  }
  const unattributable = await leaveOthers(ownership, reader, undecided);
  return {
    customers,
    entities: found.all(),
    unnamed: [
      ...found.unnamed(),
      ...attributed.filter(({ entityId }) => isId(entityId)).map(({ feed, entityId: id }) => ({ feed, id })),
    ],
    rejections: [...rejected.own, ...attributed].map(({ id }) => id),
    unattributable: unattributable.map(({ id }) => id),
    refused: rejected.refused,
    refusedOfOthers: rejected.refusedOfOthers,
  };
}

/** What has been found so far. */
class FoundEntities {
  readonly #ids = new Map<FeedName, Map<string, NamedIds>>();

  readonly #ownership: Ownership;

  constructor(ownership: Ownership, customers: ReadonlySet<string>) {
    this.#ownership = ownership;
    const named = [...customers].map((id): [string, NamedIds] => [id, { links: {}, customers: [id] }]);
    this.#ids.set("customers", new Map(named));
  }

  /** @returns whether it was new. */
  add(feed: FeedName, { id, links }: LinkedEntity): boolean {
    const known = this.#ids.get(feed) ?? new Map<string, NamedIds>();
    this.#ids.set(feed, known);
    if (known.has(id)) return false;
    known.set(id, namesOf(this.#ownership, feed, { id, links }));
    return true;
  }

  has(feed: FeedName, id: string): boolean {
    return this.#ids.get(feed)?.has(id) ?? false;
  }

  /** Whether a row that names no customer belongs to something found, or is linked to it. */
  leadsTo({ feed, entityId, named }: Pick<BrokenRow, "feed" | "entityId" | "named">): boolean {
    const targets = this.#ownership.innerLinks.filter((inner) => inner.feed === feed);
    return (
      this.has(feed, entityId) ||
      targets.some(({ link, target }) => this.has(target, named.links[link] ?? ""))
    );
  }

  all(): ReadonlyMap<FeedName, ReadonlySet<string>> {
    return new Map([...this.#ids].map(([feed, ids]) => [feed, new Set(ids.keys())]));
  }

  unnamed(): readonly { readonly feed: FeedName; readonly id: string }[] {
    return [...this.#ids].flatMap(([feed, ids]) =>
      [...ids].flatMap(([id, { customers }]) => (customers.length === 0 ? [{ feed, id }] : [])),
    );
  }
}

/** The customer, and all customers that were merged into it, over any number of steps. */
async function withDuplicates(reader: ErasureReader, customerId: string): Promise<ReadonlySet<string>> {
  const customers = new Set([customerId]);
  for (let ids = [customerId]; ids.length > 0; ) {
    const merged = await reader.findEntitiesByLink({ feed: "customers", link: "mergedInto", ids });
    ids = merged.map(({ id }) => id).filter((id) => !customers.has(id));
    for (const id of ids) customers.add(id);
  }
  return customers;
}

/**
 * Adds entities that found ones name, and entities that name them, unless they name a customer themselves.
 */
async function follow(
  ownership: Ownership,
  reader: ErasureReader,
  found: FoundEntities,
  feed: FeedName,
  entities: readonly LinkedEntity[],
  enqueue: (feed: FeedName, entities: readonly LinkedEntity[]) => void,
): Promise<void> {
  for (const { link, target } of ownership.innerLinks.filter((inner) => inner.feed === feed)) {
    const ids = entities.flatMap(({ links }) => links[link] ?? []).filter((id) => !found.has(target, id));
    if (ids.length === 0) continue;
    const unnamed = (await reader.findEntities({ feed: target, ids })).filter((entity) =>
      isNobodys(ownership, target, entity),
    );
    const others = await idsOfOthers(ownership, reader, found, target, unnamed);
    enqueue(
      target,
      unnamed.filter(({ id }) => !others.has(id)),
    );
  }
  const ids = entities.map(({ id }) => id);
  for (const { feed: child, link } of ownership.innerLinks.filter((inner) => inner.target === feed)) {
    const referring = await reader.findEntitiesByLink({ feed: child, link, ids });
    enqueue(
      child,
      referring.filter((entity) => isNobodys(ownership, child, entity)),
    );
  }
}

/** The entities without a customer that an entity of another customer names. */
async function idsOfOthers(
  ownership: Ownership,
  reader: ErasureReader,
  found: FoundEntities,
  feed: FeedName,
  entities: readonly LinkedEntity[],
): Promise<ReadonlySet<string>> {
  const others = new Set<string>();
  const ids = entities.map(({ id }) => id);
  if (ids.length === 0) return others;
  for (const { feed: child, link } of ownership.innerLinks.filter((inner) => inner.target === feed)) {
    for (const entity of await reader.findEntitiesByLink({ feed: child, link, ids })) {
      const target = entity.links[link] ?? null;
      const isOthers = !found.has(child, entity.id) && !isNobodys(ownership, child, entity);
      if (target !== null && isOthers) others.add(target);
    }
  }
  return others;
}

function namesOf({ feeds }: Ownership, name: FeedName, { id, links }: LinkedEntity): NamedIds {
  const feed = feeds.get(name);
  return feed === undefined ? { links, customers: [] } : namedBy(feed, id, links);
}

function isNobodys(ownership: Ownership, feed: FeedName, entity: LinkedEntity): boolean {
  return namesOf(ownership, feed, entity).customers.length === 0;
}

interface Rejected {
  readonly own: readonly BrokenRow[];
  readonly nobodys: readonly BrokenRow[];
  readonly refused: OwnedData["refused"];
  readonly refusedOfOthers: OwnedData["refusedOfOthers"];
}

/** Payloads are read one page at a time, and only their ids are kept. */
async function readRejections(
  ownership: Ownership,
  reader: ErasureReader,
  customers: ReadonlySet<string>,
): Promise<Rejected> {
  const own: BrokenRow[] = [];
  const nobodys: BrokenRow[] = [];
  const refused: OwnedData["refused"][number][] = [];
  const refusedOfOthers: OwnedData["refusedOfOthers"][number][] = [];
  for (let after: string | null = null; ; ) {
    const page: readonly RejectedRow[] = await reader.listRejections({ after, limit: pageSize });
    for (const row of page) {
      const { id, feed, entityId, stage } = row;
      const named = namedByRejection(ownership, row);
      if (named.customers.some((customer) => customers.has(customer))) {
        own.push({ id, feed, entityId, named });
        if (stage !== "structure") refused.push({ feed, id: entityId });
      } else if (stage === "structure" && isNobodysRow(ownership, row, named)) {
        nobodys.push({ id, feed, entityId, named });
      } else if (stage === "sink") {
        refusedOfOthers.push({ id, feed, entityId });
      }
    }
    after = page.at(-1)?.id ?? null;
    if (page.length < pageSize) break;
  }
  return { own, nobodys, refused, refusedOfOthers };
}

function isNobodysRow(
  { feeds }: Ownership,
  { feed, payload }: RejectedRow,
  { customers }: NamedIds,
): boolean {
  const definition = feeds.get(feed);
  return payload !== null && customers.length === 0 && definition !== undefined && isOwned(definition);
}

function namedByRejection({ feeds }: Ownership, { feed, entityId, stage, payload }: RejectedRow): NamedIds {
  const row: unknown = payload === null ? null : parseExactly(payload);
  // A sink rejection contains the record.
  if (stage === "sink") {
    const customer = (row as { readonly customer_id?: unknown } | null)?.customer_id;
    return { links: {}, customers: typeof customer === "string" ? [customer] : [] };
  }
  const definition = feeds.get(feed);
  if (definition === undefined) return { links: {}, customers: [] };
  return namedByRaw(definition, entityId, row);
}

/** The broken rows without a customer that no landed row shows to be another customer's. */
async function leaveOthers(
  ownership: Ownership,
  reader: ErasureReader,
  rows: readonly BrokenRow[],
): Promise<readonly BrokenRow[]> {
  const isOthers = new Set<string>();
  for (const feed of new Set(rows.map((row) => row.feed))) {
    const own = rows.filter((row) => row.feed === feed);
    const places = [
      { target: feed, idOf: ({ entityId }: BrokenRow) => entityId },
      ...ownership.innerLinks
        .filter((inner) => inner.feed === feed)
        .map(({ target, link }) => ({ target, idOf: ({ named }: BrokenRow) => named.links[link] ?? "" })),
    ];
    for (const { target, idOf } of places) {
      const ids = own.map(idOf).filter(isId);
      const landed = await reader.findEntities({ feed: target, ids });
      const named = new Set(
        landed.filter((entity) => !isNobodys(ownership, target, entity)).map(({ id }) => id),
      );
      for (const row of own) if (named.has(idOf(row))) isOthers.add(row.id);
    }
  }
  return rows.filter(({ id }) => !isOthers.has(id));
}

function isId(text: string): boolean {
  return /^\d{1,19}$/.test(text);
}
