import { isOwned } from "../../feeds/customer-links.js";
import type { Feed } from "../../feeds/feed.js";
import { fieldsIn } from "../../feeds/schema-fields.js";

/** Every storage can keep this many links of a feed. */
const maxLinks = 3;
const namePattern = /^[a-z][a-z0-9-]{0,39}$/;
/** Where ServiceTitan's rows name their customer. */
const customerFields: readonly string[] = ["customerId", "customer"];

/**
 * What is wrong with a feed of a host's own, each with its place; empty when nothing is.
 *
 * @param all - The feeds of the instance: links lead nowhere else.
 */
export function checkFeedDefinition(feed: Feed, all: readonly Feed[]): readonly string[] {
  const { name, links, listEqualsExport, listSort } = feed;
  const place = `the feed ${name}`;
  const documented = [...feed.fields.always, ...feed.fields.sometimes];
  const fields = fieldsIn(feed.schema).filter((field) => !field.includes("."));
  const undocumented = fields.filter((field) => !documented.includes(field));
  const twice = documented.filter((field, index) => documented.indexOf(field) !== index);
  const known = new Set(all.map((each) => each.name));
  const customer = documented.find((field) => customerFields.includes(field));
  return [
    ...(namePattern.test(name) && name !== "both"
      ? []
      : [`${place}: expected a name of lower-case letters, digits and hyphens, 40 at most, and not both`]),
    ...(fields.includes("id") ? [] : [`${place}: its schema names no id`]),
    ...undocumented.map((field) => `${place}: its schema names ${field}, which its fields do not`),
    ...twice.map((field) => `${place}: its fields name ${field} twice`),
    ...(links.length > maxLinks ? [`${place} has ${links.length} links, at most ${maxLinks} are kept`] : []),
    ...links
      .filter((link) => !known.has(link.feed))
      .map((link) => `${place}: its link ${link.name} leads to ${link.feed}, of which no record is made`),
    ...(customer !== undefined && !isOwned(feed)
      ? [
          `${place}: its rows name a customer (${customer}): add a link to customers, by which an erasure finds them`,
        ]
      : []),
    ...(listEqualsExport && listSort === null ? [`${place}: listEqualsExport needs listSort: "+Id"`] : []),
  ];
}
