import type { FeedName } from "../../feeds/feed.js";
import type { RecordDefinition } from "./define-record.js";
import { invoiceDefinition } from "./invoice.js";
import { memberDefinition } from "./member.js";
import { feedsBesideDriver } from "./reach.js";

/** Every record type, in the order in which they are derived. */
export const recordDefinitions: readonly RecordDefinition[] = [memberDefinition, invoiceDefinition];

/** The feeds that records are made of: without them there is none. */
export const driverFeeds: readonly FeedName[] = recordDefinitions.map(({ driver }) => driver.name);

/** The feeds that only supply fields which the drivers lack, each once. */
export const relatedFeeds: readonly FeedName[] = [
  ...new Set(recordDefinitions.flatMap(feedsBesideDriver)),
].filter((feed) => !driverFeeds.includes(feed));
