import type { FeedName } from "../feeds/feed.js";
import type { RecordCatalog } from "./definitions/catalog.js";

/** What a company may say about a related feed: that it is read, or that it is left out. */
export type FeedSwitch = "on" | "off";

const feedSwitches: readonly FeedSwitch[] = ["on", "off"];

/**
 * Related feeds that a company leaves out: they are not read, and the columns that they supply are empty by choice.
 *
 * @example
 * const feeds: CompanyFeeds = { memberships: "off", "membership-types": "off" };
 */
export type CompanyFeeds = Readonly<Partial<Record<FeedName, FeedSwitch>>>;

/** Reads which feeds are left out. @returns every mistake with its place. */
export function checkFeeds(
  catalog: RecordCatalog,
  given: unknown,
): {
  readonly off: readonly FeedName[];
  readonly issues: readonly string[];
} {
  if (given === undefined) return { off: [], issues: [] };
  if (!isObject(given)) {
    return { off: [], issues: ['feeds: expected an object such as { memberships: "off" }'] };
  }
  const issues = Object.entries(given).flatMap(([name, value]) => faultOf(catalog, name, value));
  const off = Object.entries(given).flatMap(([name, value]) => (value === "off" ? [name] : []));
  return { off: off.toSorted(), issues };
}

function faultOf({ drivers, related }: RecordCatalog, name: FeedName, value: unknown): readonly string[] {
  const place = `feeds.${name}`;
  if (drivers.includes(name)) return [`${place}: this feed provides the records and is always read`];
  if (!related.includes(name)) {
    return [`${place}: unknown feed, expected one of ${related.join(", ")}`];
  }
  if (value === undefined || (feedSwitches as readonly unknown[]).includes(value)) return [];
  return [`${place}: expected one of ${feedSwitches.join(", ")}`];
}

/** Reads which fields may be absent, each as `feed.field` or `feed.field.part`. @returns every mistake with its place. */
export function checkAcceptAbsent(
  { feeds }: RecordCatalog,
  given: unknown,
): {
  readonly accepted: readonly string[];
  readonly issues: readonly string[];
} {
  if (given === undefined) return { accepted: [], issues: [] };
  if (!Array.isArray(given) || !given.every((path) => typeof path === "string")) {
    return {
      accepted: [],
      issues: ['acceptAbsent: expected a list of fields such as "customer-contacts.value"'],
    };
  }
  const issues = given.flatMap((path) =>
    isField(feeds, path) ? [] : [`acceptAbsent: unknown field ${path}`],
  );
  return { accepted: given, issues };
}

function isField(feeds: RecordCatalog["feeds"], path: string): boolean {
  const [feed = "", field = "", part, ...rest] = path.split(".");
  const documented = feeds.get(feed)?.fields;
  if (documented === undefined || part === "" || rest.length > 0) return false;
  const { always, sometimes } = documented;
  // A row without an id belongs to nobody.
  return field !== "id" && [...always, ...sometimes].includes(field);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
