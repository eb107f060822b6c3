import { type Feed, linkIdsOf } from "../../feeds/feed.js";
import type { RowTexts } from "../../json/exact-numbers.js";
import { parseExactly } from "../../json/parse-exactly.js";
import type { LandedEntity } from "../../ports/entity-store.js";
import type { Storage } from "../../ports/storage.js";
import type { TenantScope } from "../../ports/tenant.js";
import type { JoinedOf, RecordJoin } from "./define-join.js";
import { type LinkedRow, rowsIn, walkRelations } from "./walk-relations.js";

/** A driver's entity with what its record needs, and the row as it was landed. */
export interface JoinedEntity<Joined> {
  /** The driver's row. */
  readonly driver: object;
  readonly joined: Joined;
  readonly payload: string;
  /** Of all joined rows of its batch. */
  readonly texts: RowTexts;
  /** Whether ServiceTitan no longer has it. */
  readonly removed: boolean;
}

/** The lookups of a storage that joining needs. */
export type EntityReader = Pick<Storage, "findEntities" | "findEntitiesByLink">;

/** An entity whose row was read. */
interface ReadRow extends LinkedRow {
  readonly payload: string;
  readonly value: object;
}

/** Joins entities of a record's driver with what they are related to. Ids that are not landed are left out. */
export async function joinEntities<Definition extends RecordJoin>(
  store: EntityReader,
  scope: TenantScope,
  definition: Definition,
  ids: readonly string[],
): Promise<ReadonlyMap<string, JoinedEntity<JoinedOf<Definition>>>> {
  const texts = new Map<object, string>();
  const feeds = feedsByName(definition);
  const read = (feed: string, entities: readonly LandedEntity[]): readonly ReadRow[] =>
    entities.map((entity) => {
      const row = readRow(feeds.get(feed) ?? definition.driver, entity);
      texts.set(row.value, row.payload);
      return row;
    });
  const [drivers, ...related] = await walkRelations<ReadRow>(definition, ids, {
    byId: async (feed, wanted) => read(feed, await store.findEntities({ scope, feed, ids: wanted })),
    byLink: async (feed, link, wanted) =>
      read(feed, await store.findEntitiesByLink({ scope, feed, link, ids: wanted })),
  });
  return new Map(
    [...(drivers?.groups ?? [])].flatMap(([id, group]) => {
      const [driver] = rowsIn(group);
      if (driver === undefined) return [];
      const joined: Record<string, unknown> = { [definition.driverName]: driver.value };
      for (const { name, isList, groups } of related) {
        const values = rowsIn(groups.get(id)).map((row) => row.value);
        joined[name] = isList ? values : (values[0] ?? null);
      }
      const { value, payload, removed } = driver;
      return [[id, { driver: value, joined: joined as never, payload, texts, removed }] as const];
    }),
  );
}

function feedsByName({ driver, relations }: RecordJoin): ReadonlyMap<string, Feed> {
  const all = [driver, ...Object.values(relations).map(({ feed }) => feed)];
  return new Map(all.map((feed) => [feed.name, feed]));
}

/** Every landed row has passed its feed's structure check. */
function readRow(feed: Feed, { id, payload, removed }: LandedEntity): ReadRow {
  const value = parseExactly(payload) as object;
  return { id, payload, removed, value, links: linkIdsOf(feed, value) };
}
