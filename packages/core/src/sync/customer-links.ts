import type { FeedName } from "../feeds/feed.js";
import { feeds } from "../feeds/feeds.js";
import { parseExactly } from "../json/parse-exactly.js";
import type { StoredRejection } from "../ports/sync-store.js";

/** Whose entities are a customer's: those whose link names it. */
export const customerLinks: readonly { readonly feed: FeedName; readonly link: number }[] = Object.values(
  feeds,
).flatMap((feed) =>
  feed.links.flatMap(({ feed: target }, link) => (target === "customers" ? [{ feed: feed.name, link }] : [])),
);

/** Whether a rejected row, whose structure may be anything, names the customer where such rows do. */
export function isRowOf(
  { feed, entityId, payload }: Pick<StoredRejection, "feed" | "entityId" | "payload">,
  customerId: string,
): boolean {
  if (feed === "customers") return entityId === customerId;
  const row = asObject(payload === null ? null : parseExactly(payload));
  return [row["customerId"], asObject(row["customer"])["id"]].some((id) => String(id) === customerId);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
