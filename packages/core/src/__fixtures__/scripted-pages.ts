import { createByteBudget } from "../async/byte-budget.js";
import { createPageSource, type PageSource } from "../extract/page-source.js";
import type { ApiClient } from "../http/api-client.js";
import { createFakeClock } from "./fake-clock.js";

/** Pages by a client, with room for all of them. */
export function pagesOf(client: ApiClient): PageSource {
  return createPageSource({
    client,
    budget: createByteBudget(Number.MAX_SAFE_INTEGER),
    clock: createFakeClock(),
  });
}
