import type { EntitySize, EntityStore } from "../../ports/entity-store.js";
import type { TenantScope } from "../../ports/tenant.js";
import type { RecordJoin } from "../../records/definitions/define-join.js";
import { rowsIn, type Stop, walkRelations } from "../../records/definitions/walk-relations.js";

/** Rows that a record is joined from, and that another record of the batch may need as well. */
export interface JoinedRows {
  /** Equal for the same rows. */
  readonly name: string;
  readonly bytes: number;
}

/** By driver id, what the join of its record loads. Ids that are not landed are left out. */
export type JoinSizes = ReadonlyMap<string, readonly JoinedRows[]>;

type SizedRow = EntitySize & { readonly removed: boolean };

/** What the join of these records would load, without loading any of it: the same lookups, for sizes. */
export async function measureJoins(
  store: Pick<EntityStore, "findEntitySizes" | "findEntitySizesByLink">,
  scope: TenantScope,
  join: RecordJoin,
  ids: readonly string[],
): Promise<JoinSizes> {
  // A removed row is also loaded before it is skipped.
  const asLoaded = (sizes: readonly EntitySize[]): readonly SizedRow[] =>
    sizes.map((size) => ({ ...size, removed: false }));
  const stops = await walkRelations<SizedRow>(join, ids, {
    byId: async (feed, wanted) => asLoaded(await store.findEntitySizes({ scope, feed, ids: wanted })),
    byLink: async (feed, link, wanted) =>
      asLoaded(await store.findEntitySizesByLink({ scope, feed, link, ids: wanted })),
  });
  const found = [...(stops[0]?.groups.keys() ?? [])];
  return new Map(found.map((id) => [id, stops.flatMap((stop) => rowsAt(stop, id))]));
}

/** Rows that name the same entity count as one. */
function rowsAt({ feed, kind, groups }: Stop<SizedRow>, id: string): readonly JoinedRows[] {
  if (kind === "one") {
    return rowsIn(groups.get(id)).map((row) => ({ name: `${feed.name} ${row.id}`, bytes: row.bytes }));
  }
  return [...(groups.get(id) ?? [])].map(([target, rows]) => ({
    name: `${feed.name} of ${target}`,
    bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
  }));
}
