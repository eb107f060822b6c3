import { z } from "zod";
import { checkRequest } from "../check-request.js";
import type { Page, PageRequest } from "../ports/page.js";
import type {
  DismissedRejection,
  RejectionCount,
  RejectionFilter,
  StoredRejection,
} from "../ports/rejection-store.js";
import type { Storage } from "../ports/storage.js";
import type { RunHandle } from "./run-handle.js";
import type { SyncRequest } from "./sync-request.js";

/** Which rejections to replay: all of one credential's tenant. */
export type ReplayRequest = Pick<
  SyncRequest,
  "credentialId" | "data" | "dryRun" | "stopAfterMs" | "signal" | "actor" | "runId"
>;

/** Which rejections to close, and who wants that. */
export interface DismissRequest {
  readonly companyId: string;
  /** Only those of this credential. @defaultValue of any of the company's */
  readonly credentialId?: string | undefined;
  /** From 1 to 1000 ids of rejections. */
  readonly ids: readonly string[];
  /** Recorded in the audit log: why the rejections are closed. No personal data. */
  readonly reason?: string | undefined;
  /** Who requested it, for the audit log. @defaultValue `system` */
  readonly actor?: string | undefined;
  /** The request that it came with, for the audit log. */
  readonly requestId?: string | undefined;
}

/** What could not be landed or delivered. Payloads hold customers' data: show them to administrators only. */
export interface Rejections {
  /** The most recently seen one comes first. */
  list(filter: RejectionFilter, page: PageRequest): Promise<Page<StoredRejection>>;
  /** How many there are for each reason, the most frequent first. */
  count(filter: RejectionFilter): Promise<readonly RejectionCount[]>;
  /**
   * Starts a run that checks and derives again what was rejected, without the API. Rejections that are
   * still valid stay. Fails like {@link TitanSync.sync}.
   */
  replay(request: ReplayRequest): Promise<RunHandle>;
  /**
   * Closes rejections that will never be fixed; nothing is landed or delivered. The only copy of a row that did not
   * land is deleted with its rejection. A row that is rejected again becomes a new rejection. Each dismissal is
   * recorded in the audit log.
   *
   * @returns the closed rejections: unknown ids, and those of another company or credential, are left out.
   * @throws `ValidationError` with every mistake at once in `issues`.
   */
  dismiss(request: DismissRequest): Promise<readonly DismissedRejection[]>;
}

const dismissSchema = z.strictObject({
  companyId: z.string().min(1),
  credentialId: z.string().min(1).optional(),
  ids: z.array(z.string()).min(1).max(1000),
  reason: z.string().max(500).optional(),
  actor: z.string().min(1).default("system"),
  requestId: z.string().optional(),
});

export function createRejections(
  store: Pick<Storage, "listRejections" | "countRejections" | "dismissRejections">,
  sync: (request: SyncRequest) => Promise<RunHandle>,
): Rejections {
  return {
    list: (filter, page) => store.listRejections(filter, page),
    count: (filter) => store.countRejections(filter),
    replay: (request) => sync({ ...request, replay: true }),
    async dismiss(request) {
      const { companyId, credentialId, ids, reason, actor, requestId } = checkRequest(
        dismissSchema,
        request,
        "request",
      );
      return await store.dismissRejections({
        companyId,
        credentialId,
        ids,
        auditEntryOf: ({ id, scope: { environment, tenantId }, feed, entityId, stage, rules }) => ({
          actor,
          action: "rejection:dismiss",
          subject: id,
          companyId,
          outcome: "success",
          requestId,
          details: { environment, tenantId, feed, entityId, stage, rules, reason: reason ?? null },
        }),
      });
    },
  };
}
