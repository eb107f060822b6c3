import { eachItem } from "../async/each-page.js";
import type { StoredRejection } from "../ports/rejection-store.js";
import type { Storage } from "../ports/storage.js";
import type { TenantScope } from "../ports/tenant.js";

/** Tells which entities of a feed had rejections of these stages that somebody dismissed. */
export type FindDismissed = (
  feed: string,
  stages: readonly StoredRejection["stage"][],
) => Promise<ReadonlySet<string>>;

/**
 * Finds them in the audit log, which alone still knows them. It is read when they are first asked for, once.
 * @throws the signal's reason when a person stops.
 */
export function findDismissedIn(
  storage: Pick<Storage, "listAudit">,
  scope: TenantScope,
  signal: AbortSignal,
): FindDismissed {
  let known: ReadonlyMap<string, ReadonlySet<string>> | null = null;
  return async (feed, stages) => {
    known ??= await readDismissed(storage, scope, signal);
    return new Set(stages.flatMap((stage) => [...(known?.get(keyOf(feed, stage)) ?? [])]));
  };
}

async function readDismissed(
  storage: Pick<Storage, "listAudit">,
  { companyId, environment, tenantId }: TenantScope,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>();
  const entries = eachItem((page) => storage.listAudit({ companyId }, page), { pageSize: 500, signal });
  for await (const { action, details } of entries) {
    if (action !== "rejection:dismiss") continue;
    if (details["environment"] !== environment || details["tenantId"] !== tenantId) continue;
    const key = keyOf(String(details["feed"]), String(details["stage"]));
    found.set(key, (found.get(key) ?? new Set()).add(String(details["entityId"])));
  }
  return found;
}

const keyOf = (feed: string, stage: string): string => `${stage} ${feed}`;
