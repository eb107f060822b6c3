import { isOwned } from "../../feeds/customer-links.js";
import type { Feed } from "../../feeds/feed.js";
import { tableColumns } from "../check-mapping.js";
import { ruleList } from "../rules.js";
import { checkFeedDefinition } from "./check-feed.js";
import { columnsOfFields } from "./columns-of-fields.js";
import type { RecordDefinition } from "./define-record.js";
import { shippedDefinitions } from "./definitions.js";
import { planOf } from "./record-plan.js";

const typePattern = /^[a-z][a-z0-9_]{0,39}$/;
const columnPattern = /^[a-z_][a-z0-9_]{0,62}$/;
/** Names that rejections and warnings already use. */
const knownRules: readonly string[] = [
  "mapping",
  ...ruleList.flatMap(({ rejectsAs, warnsAs }) => [rejectsAs, warnsAs]),
];

/** What is wrong with a host's own record types, each with its place; empty when nothing is. */
export function issuesOfRecords(own: readonly unknown[]): readonly string[] {
  const strange = own.flatMap((each, index) =>
    isDefinition(each) ? [] : [`records[${index}]: pass what defineRecord returned`],
  );
  if (strange.length > 0) return strange;
  const added = own as readonly RecordDefinition[];
  const all = [...shippedDefinitions, ...added];
  const shippedFeeds = new Set(shippedDefinitions.flatMap(feedsIn));
  const feeds = [...new Set(all.flatMap(feedsIn))];
  return [
    ...repeated(all.map(({ type }) => type)).map((type) => `records: two are of type ${type}`),
    ...repeated(all.map(({ driver }) => driver.name)).map(
      (driver) => `records: only one record can be made of ${driver}, not two`,
    ),
    ...repeated(feeds.map(({ name }) => name)).map(
      (name) => `records: two different feeds are called ${name}`,
    ),
    ...feeds.filter((feed) => !shippedFeeds.has(feed)).flatMap((feed) => checkFeedDefinition(feed, feeds)),
    ...added.flatMap(issuesOfRecord),
  ];
}

function issuesOfRecord(definition: RecordDefinition): readonly string[] {
  const { type, driverName, relations, columns, ruleNames = [], erasedBy } = definition;
  const place = `records.${type}`;
  const names = Object.keys(columns);
  const needsCustomer = erasedBy !== "links" && !names.includes("customer_id");
  const owned = feedsIn(definition).filter(isOwned);
  return [
    ...(typePattern.test(type)
      ? []
      : [`${place}: expected a type of lower-case letters, digits and underscores, 40 at most`]),
    ...(Object.hasOwn(relations, driverName)
      ? [`${place}.relations.${driverName}: has the driver's name`]
      : []),
    ...(names.length === 0 ? [`${place}.columns: expected one or more`] : []),
    ...names
      .filter((name) => !columnPattern.test(name))
      .map(
        (name) => `${place}.columns.${name}: expected lower-case letters, digits and underscores, 63 at most`,
      ),
    ...names
      .filter((name) => (tableColumns as readonly string[]).includes(name))
      .map(
        (name) => `${place}.columns.${name}: tables and files of records have it besides the record's own`,
      ),
    ...[...repeated(ruleNames), ...ruleNames.filter((name) => knownRules.includes(name))].map(
      (name) => `${place}.rules: there is another rule "${name}"`,
    ),
    ...(needsCustomer && owned.length > 0
      ? [
          `${place}.columns: rows of ${owned.map(({ name }) => name).join(", ")} are customers': add customer_id, by which an erasure finds its records, or say erasedBy: "links"`,
        ]
      : []),
    ...issueOf(place, () => [
      planOf(definition),
      ...feedsIn(definition).map((feed) => columnsOfFields(feed, [definition])),
    ]),
  ];
}

/** Hosts without TypeScript can pass anything. */
function isDefinition(given: unknown): given is RecordDefinition {
  if (typeof given !== "object" || given === null) return false;
  const { type, driver, driverName, relations, columns, map, isLeftOut } = given as Partial<RecordDefinition>;
  return (
    typeof type === "string" &&
    typeof driverName === "string" &&
    typeof columns === "object" &&
    typeof map === "function" &&
    typeof isLeftOut === "function" &&
    typeof relations === "object" &&
    [driver, ...Object.values(relations).map(({ feed }) => feed)].every(
      (feed) => typeof feed?.name === "string" && Array.isArray(feed.links),
    )
  );
}

function issueOf(place: string, work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof TypeError) return [`${place}: ${error.message}`];
    throw error;
  }
}

function feedsIn({ driver, relations }: RecordDefinition): readonly Feed[] {
  return [...new Set([driver, ...Object.values(relations).map(({ feed }) => feed)])];
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
