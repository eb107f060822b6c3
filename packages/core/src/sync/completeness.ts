import type { Completeness, TypeCompleteness } from "../ports/credential-state.js";
import { plansFor } from "../records/definitions/catalog.js";
import type { FeedOutcome } from "./read/read-feeds.js";
import type { RunContext } from "./run/run-context.js";

/**
 * What is complete after a run that read feeds and delivered or rejected everything that they brought, by the data
 * types that it was asked for: of others, records may still wait.
 */
export function completenessOf(
  { catalog, request, company }: Pick<RunContext, "catalog" | "request" | "company">,
  { readUpTo, refused }: Pick<FeedOutcome, "readUpTo" | "refused">,
): Completeness {
  if (request.range !== null || request.rederive || request.replay === true) return {};
  const plans = plansFor(catalog, request.data);
  return Object.fromEntries(
    plans.map(({ driver, related }): readonly [string, TypeCompleteness] => {
      const feeds = [...new Set([driver, ...related])];
      return [
        driver,
        {
          feeds,
          readUpTo: Object.fromEntries([...readUpTo].filter(([feed]) => feeds.includes(feed))),
          missing: feeds.filter((feed) => company.feedsOff.includes(feed) || refused.has(feed)),
        },
      ];
    }),
  );
}
