import { compareIds } from "../../feeds/entity-id.js";
import type { Feed, FeedName, LinkIds } from "../../feeds/feed.js";
import type { RecordJoin, Relation } from "./define-join.js";

/** A landed entity, as far as others are found by it. */
export interface LinkedRow {
  readonly id: string;
  /** Ids of the entities it refers to. */
  readonly links: LinkIds;
  /** Whether ServiceTitan no longer has it. */
  readonly removed: boolean;
}

/** How the rows of a walk are found. Unknown ids are left out. */
export interface RowFinder<Row extends LinkedRow> {
  byId(feed: FeedName, ids: readonly string[]): Promise<readonly Row[]>;
  /** Rows whose link of this name names one of the ids. */
  byLink(feed: FeedName, link: string, ids: readonly string[]): Promise<readonly Row[]>;
}

/** What the driver, or a relation, has for each of the driver's ids. */
export interface Stop<Row extends LinkedRow> {
  readonly name: string;
  readonly feed: Feed;
  readonly kind: Relation["kind"];
  readonly isList: boolean;
  /** The rows for each of the driver's ids, grouped by the id that leads to them. */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, readonly Row[]>>;
}

/** A stop whose rows are being found. */
interface Pending<Row extends LinkedRow> extends Omit<Stop<Row>, "groups"> {
  /** Its ids, whether or not they have landed: for the driver, these are known before its rows. */
  readonly ids: Promise<ReadonlyMap<string, readonly string[]>>;
  readonly groups: Promise<Stop<Row>["groups"]>;
}

/**
 * Finds what records are joined from: one lookup for the driver and one for each relation, in parallel where they do
 * not wait for each other.
 *
 * @returns The driver first, then the relations in their order.
 */
export async function walkRelations<Row extends LinkedRow>(
  definition: RecordJoin,
  ids: readonly string[],
  finder: RowFinder<Row>,
): Promise<readonly Stop<Row>[]> {
  const stops = new Map([[definition.driverName, startAt(definition, ids, finder)]]);
  for (const [name, relation] of Object.entries(definition.relations)) {
    const of = stops.get(relation.of);
    if (of === undefined) throw new TypeError(`"${relation.of}" must stand before "${name}".`);
    stops.set(
      name,
      relation.kind === "one" ? goTo(name, relation, of, finder) : gather(name, relation, of, finder),
    );
  }
  return await Promise.all(
    [...stops.values()].map(async ({ name, feed, kind, isList, groups }) => {
      return { name, feed, kind, isList, groups: await groups };
    }),
  );
}

/** The name of a link that the feed has. @throws TypeError when it has no such link. */
export function linkOf(feed: Feed, name: string): string {
  if (feed.links.some((link) => link.name === name)) return name;
  throw new TypeError(`The feed ${feed.name} has no link "${name}".`);
}

function startAt<Row extends LinkedRow>(
  { driver, driverName }: RecordJoin,
  ids: readonly string[],
  finder: RowFinder<Row>,
): Pending<Row> {
  const find = async (): Promise<Stop<Row>["groups"]> => {
    const rows = await finder.byId(driver.name, ids);
    return new Map(rows.map((row) => [row.id, new Map([[row.id, [row]]])]));
  };
  const known = new Map(ids.map((id) => [id, [id]]));
  return {
    name: driverName,
    feed: driver,
    kind: "one",
    isList: false,
    ids: Promise.resolve(known),
    groups: heard(find()),
  };
}

/** The rows that a link of the previous stop names. */
function goTo<Row extends LinkedRow>(
  name: string,
  { feed, link, includesRemoved }: Relation,
  of: Pending<Row>,
  finder: RowFinder<Row>,
): Pending<Row> {
  const named = linkOf(of.feed, link);
  const ids = of.groups.then((groups) =>
    mapValues(groups, (group) => distinct(rowsIn(group).flatMap((row) => row.links[named] ?? []))),
  );
  const groups = heard(ids).then(async (wanted) => {
    const all = allOf(wanted);
    const found = all.length === 0 ? [] : await finder.byId(feed.name, all);
    const byId = new Map(
      found.filter((row) => includesRemoved || !row.removed).map((row) => [row.id, [row]]),
    );
    return mapValues(wanted, (each) => pick(byId, each));
  });
  return { name, feed, kind: "one", isList: of.isList, ids, groups: heard(groups) };
}

/** The rows whose link names the previous stop. */
function gather<Row extends LinkedRow>(
  name: string,
  { feed, link }: Relation,
  of: Pending<Row>,
  finder: RowFinder<Row>,
): Pending<Row> {
  const naming = linkOf(feed, link);
  const groups = of.ids.then(async (wanted) => {
    const all = allOf(wanted);
    const found = all.length === 0 ? [] : await finder.byLink(feed.name, naming, all);
    const byTarget = Map.groupBy(found, (row) => row.links[naming] ?? "");
    return mapValues(wanted, (each) => pick(byTarget, each));
  });
  const ids = heard(groups).then((each) => mapValues(each, (group) => rowsIn(group).map((row) => row.id)));
  return { name, feed, kind: "many", isList: true, ids: heard(ids), groups };
}

/** All rows of a driver's id at a stop. */
export function rowsIn<Row>(group: ReadonlyMap<string, readonly Row[]> | undefined): readonly Row[] {
  return group === undefined ? [] : [...group.values()].flat();
}

function pick<Row>(
  found: ReadonlyMap<string, readonly Row[]>,
  ids: readonly string[],
): ReadonlyMap<string, readonly Row[]> {
  return new Map(ids.flatMap((id) => (found.has(id) ? [[id, found.get(id) ?? []] as const] : [])));
}

function allOf(ids: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...new Set([...ids.values()].flat())].sort(compareIds);
}

function distinct(ids: readonly string[]): readonly string[] {
  return ids.length < 2 ? ids : [...new Set(ids)];
}

function mapValues<In, Out>(
  values: ReadonlyMap<string, In>,
  change: (value: In) => Out,
): ReadonlyMap<string, Out> {
  return new Map([...values].map(([key, value]) => [key, change(value)]));
}

/**
 * Others may be awaited first: its failure is reported where it is awaited, and must not count as
 * unhandled.
 */
function heard<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}
