import type { Page, PageRequest } from "../ports/credential-store.js";
import type { RejectionCount, RejectionFilter, StoredRejection, SyncStore } from "../ports/sync-store.js";
import type { RunHandle } from "./run-handle.js";
import type { SyncRequest } from "./sync-request.js";

/** Which rejections to replay: all of one credential's tenant. */
export type ReplayRequest = Pick<
  SyncRequest,
  "credentialId" | "data" | "dryRun" | "stopAfterMs" | "signal" | "actor" | "runId"
>;

/** What could not be landed or delivered. Payloads hold customers' data: show them to administrators only. */
export interface Rejections {
  /** The one that was seen last comes first. */
  list(filter: RejectionFilter, page: PageRequest): Promise<Page<StoredRejection>>;
  /** All of them, page by page as they are asked for; what is cleared meanwhile may be missing. */
  all(filter: RejectionFilter): AsyncGenerator<StoredRejection>;
  /** How many there are for each reason, the most frequent first. */
  count(filter: RejectionFilter): Promise<readonly RejectionCount[]>;
  /**
   * Starts a run that checks and derives again what was rejected, without the API. Rejections that are still
   * right stay. Fails as {@link TitanSync.sync} does.
   */
  replay(request: ReplayRequest): Promise<RunHandle>;
}

const pageSize = 100;

export function createRejections(
  store: Pick<SyncStore, "listRejections" | "countRejections">,
  sync: (request: SyncRequest) => Promise<RunHandle>,
): Rejections {
  return {
    list: (filter, page) => store.listRejections(filter, page),
    async *all(filter) {
      let cursor: string | null = null;
      do {
        const page: Page<StoredRejection> = await store.listRejections(filter, { limit: pageSize, cursor });
        yield* page.items;
        cursor = page.next;
      } while (cursor !== null);
    },
    count: (filter) => store.countRejections(filter),
    replay: (request) => sync({ ...request, replay: true }),
  };
}
