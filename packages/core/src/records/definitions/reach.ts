import type { FeedName } from "../../feeds/feed.js";
import type { Expansion, Touch } from "../../ports/work-queue.js";
import { parseField } from "./columns-of-fields.js";
import type { RecordJoin, Relation } from "./define-join.js";
import type { RecordColumn } from "./define-record.js";
import { linkOf } from "./walk-relations.js";

type Queued = Omit<Touch, "record">;
type Step = Omit<Expansion, "record">;

/** The position of the driver, or of a relation, in its record. */
interface Place {
  readonly feed: Relation["feed"];
  /**
   * What a change of its entity queues: the entity itself, or the entity nearer to the driver that it
   * names.
   */
  readonly listed: Queued;
  /** Relations between it and the driver. */
  readonly distance: number;
}

/** The feeds of a record type besides its driver's, each once, in the order of its relations. */
export function feedsBesideDriver({ driver, relations }: RecordJoin): readonly FeedName[] {
  const names = Object.values(relations).map(({ feed }) => feed.name);
  return [...new Set(names)].filter((name) => name !== driver.name);
}

/**
 * The feeds that must have been read for a relation, or for the driver itself, to be known: its own, and those that lead
 * to it from the driver.
 */
export function feedsBehind(definition: RecordJoin, name: string): readonly FeedName[] {
  const { driver, driverName, relations } = definition;
  if (name === driverName) return [driver.name];
  const relation = relations[name];
  if (relation === undefined) throw new TypeError(`There is no relation "${name}".`);
  // A list needs only the id of its parent, which is known as soon as the parent is named.
  const of = relation.kind === "many" ? (relations[relation.of]?.of ?? driverName) : relation.of;
  return [...(of === driverName ? [] : feedsBehind(definition, of)), relation.feed.name];
}

/** The feeds that a column needs, the driver first. It is empty until each related one has been read. */
export function feedsOfColumn(join: RecordJoin, { reads }: Pick<RecordColumn, "reads">): readonly FeedName[] {
  const names = new Set(reads.map((field) => parseField(field).at));
  const inOrder = [join.driverName, ...Object.keys(join.relations)].filter((name) => names.has(name));
  return [...new Set(inOrder.flatMap((name) => feedsBehind(join, name)))];
}

/** What a landed change of each feed puts on the work queue of a record type. */
export function touchesBy(definition: RecordJoin): ReadonlyMap<FeedName, readonly Queued[]> {
  const touches = new Map<FeedName, Queued[]>();
  for (const { feed, listed } of placesOf(definition).values()) {
    const known = touches.get(feed.name) ?? [];
    // Two relations of one feed may queue the same.
    if (!known.some((each) => each.feed === listed.feed && each.link === listed.link)) known.push(listed);
    touches.set(feed.name, known);
  }
  return touches;
}

/**
 * How what a change lists leads to the driver's entities, in the order to follow: what is farther from the driver
 * comes first, and leads to what is nearer.
 */
export function expansionsOf(definition: RecordJoin): readonly Step[] {
  const places = placesOf(definition);
  return Object.entries(definition.relations)
    .filter(([, { kind }]) => kind === "one")
    .map(([name, relation]) => ({
      distance: placeOf(places, name).distance,
      step: stepTo(relation, placeOf(places, relation.of)),
    }))
    .sort((left, right) => right.distance - left.distance)
    .map(({ step }) => step);
}

function placesOf({ driver, driverName, relations }: RecordJoin): ReadonlyMap<string, Place> {
  const itself: Queued = { feed: driver.name, link: null };
  const places = new Map<string, Place>([[driverName, { feed: driver, listed: itself, distance: 0 }]]);
  for (const [name, { kind, feed, of, link }] of Object.entries(relations)) {
    const before = placeOf(places, of);
    if (kind === "many" && before.listed.link !== null) {
      throw new TypeError(
        `"${name}" is a list of the list "${of}", whose entities are never on the work queue.`,
      );
    }
    const listed =
      kind === "many"
        ? { feed: before.feed.name, link: linkOf(feed, link) }
        : { feed: feed.name, link: null };
    places.set(name, { feed, listed, distance: before.distance + 1 });
  }
  return places;
}

/**
 * From a pending entity to those that name it, or, if these are not queued themselves, to those that they
 * name.
 */
function stepTo({ feed, link }: Relation, { feed: child, listed }: Place): Step {
  const target = listed.link === null ? null : { feed: listed.feed, link: listed.link };
  return { feed: feed.name, child: child.name, childLink: linkOf(child, link), target };
}

function placeOf(places: ReadonlyMap<string, Place>, name: string): Place {
  const place = places.get(name);
  if (place === undefined) throw new TypeError(`"${name}" must stand before the relations that refer to it.`);
  return place;
}
