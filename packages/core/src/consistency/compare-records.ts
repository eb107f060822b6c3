import { throwIfAborted } from "../async/aborted.js";
import { eachItem } from "../async/each-page.js";
import { parseExactly } from "../json/parse-exactly.js";
import type { Storage } from "../ports/storage.js";
import type { TenantScope } from "../ports/tenant.js";
import type { RecordPlan } from "../records/definitions/record-plan.js";
import type { CompanyProfile } from "../records/map-context.js";
import type { RecordType } from "../records/record.js";
import { splitKeys } from "../sync/derive/batch-parts.js";
import { type FoundDifference, Tally } from "./difference.js";
import type { FindDismissed } from "./dismissed.js";

const step = 2000;
/** Payloads that are read at once. */
const maxBytes = 8 * 1024 * 1024;

type View = Pick<
  Storage,
  | "listEntityIds"
  | "findDeliveredRecords"
  | "listDeliveredRecords"
  | "listPendingIds"
  | "findEntitySizes"
  | "findEntities"
  | "listRejections"
>;

/**
 * Each landed driver entity is delivered, rejected, left out, or still on the work queue; each delivered record has a
 * landed entity.
 */
export async function compareRecords(
  storage: View,
  scope: TenantScope,
  plan: RecordPlan,
  profile: CompanyProfile,
  credentialId: string,
  findDismissed: FindDismissed,
  signal: AbortSignal,
): Promise<readonly FoundDifference[]> {
  const { record, driver } = plan;
  const rejected = await rejectedIds(storage, credentialId, driver, signal);
  const [missing, dismissed, behind, unfounded] = [new Tally(), new Tally(), new Tally(), new Tally()];
  const landed = new Set<string>();

  let before: string | null = null;
  for (;;) {
    throwIfAborted(signal);
    const page: Awaited<ReturnType<View["listEntityIds"]>> = await storage.listEntityIds({
      scope,
      feed: driver,
      after: before,
      limit: step,
    });
    const last: string | null = page.at(-1)?.id ?? null;
    if (last === null) break;
    const ids = page.map(({ id }) => id);
    const delivered = await storage.findDeliveredRecords({ scope, record, ids });
    const current = new Set(delivered.filter(({ removed }) => !removed).map(({ id }) => id));
    const listed = await pendingBetween(storage, { scope, record, feed: driver }, before, last);
    const isOpen = (id: string): boolean => listed.has(id) || rejected.has(id);
    const candidates = page.filter(({ id, removed }) => !removed && !current.has(id) && !isOpen(id));
    const without = await wanted(
      storage,
      scope,
      plan,
      profile,
      candidates.map(({ id }) => id),
    );
    if (without.length > 0) {
      const closed = await findDismissed(driver, ["record", "sink"]);
      dismissed.add(without.filter((id) => closed.has(id)));
      missing.add(without.filter((id) => !closed.has(id)));
    }
    behind.add(
      page.filter(({ id, removed }) => removed && current.has(id) && !listed.has(id)).map(({ id }) => id),
    );
    for (const id of ids) if (rejected.has(id)) landed.add(id);
    before = last;
  }
  unfounded.add([...rejected].filter((id) => !landed.has(id)));

  const subject = `${record} records`;
  return [
    ...found("RECORDS_MISSING", "problem", subject, missing, {
      message: `${missing.count} landed ${driver} were neither delivered nor rejected, and are not queued.`,
      hint: `Run a sync with --rederive, or a full sync. If they remain, report it.`,
    }),
    ...found("RECORDS_DISMISSED", "note", subject, dismissed, {
      message: `${dismissed.count} landed ${driver} have no record: their rejections were dismissed.`,
      hint: null,
    }),
    ...found("RECORDS_LEFT_BEHIND", "problem", subject, behind, {
      message: `${behind.count} ${subject} are still delivered although their ${driver} are gone from ServiceTitan.`,
      hint: `Run a sync with --rederive, or a full sync. If they remain, report it.`,
    }),
    ...found("REJECTIONS_LEFT", "warning", subject, unfounded, {
      message: `${unfounded.count} rejections of ${subject} no longer have a landed entity.`,
      hint: "Run a full sync to close them.",
    }),
  ];
}

function found(
  code: FoundDifference["code"],
  level: FoundDifference["level"],
  subject: string,
  { count, examples }: Tally,
  texts: Pick<FoundDifference, "message" | "hint">,
): readonly FoundDifference[] {
  return count === 0 ? [] : [{ code, level, subject, ...texts, counts: { records: count }, examples }];
}

/** Ids whose record or delivery was rejected: one for each open rejection. */
async function rejectedIds(
  storage: View,
  credentialId: string,
  feed: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (const stage of ["record", "sink"] as const) {
    const filter = { credentialId, feed, stage };
    const refused = eachItem((page) => storage.listRejections(filter, page), { pageSize: 500, signal });
    for await (const { entityId } of refused) ids.add(entityId);
  }
  return ids;
}

/** Listed ids above `after`, up to `last`. */
async function pendingBetween(
  storage: View,
  where: { readonly scope: TenantScope; readonly record: RecordType; readonly feed: string },
  after: string | null,
  last: string,
): Promise<ReadonlySet<string>> {
  const listed = new Set<string>();
  for (let from = after; ; ) {
    const page: readonly string[] = await storage.listPendingIds({ ...where, after: from, limit: step });
    for (const id of page) listed.add(id);
    from = page.at(-1) ?? null;
    if (from === null || BigInt(from) >= BigInt(last)) return listed;
  }
}

/** Those that should have a record. */
async function wanted(
  storage: View,
  scope: TenantScope,
  { definition, driver }: RecordPlan,
  { rules }: CompanyProfile,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const sizes = await storage.findEntitySizes({ scope, feed: driver, ids });
  const rows = new Map(sizes.map(({ id, bytes }) => [id, [{ name: id, bytes }]]));
  const isUnwanted = (payload: string): boolean =>
    definition.isLeftOut(parseExactly(payload) as never, rules);
  const kept: string[] = [];
  for (const { keys } of splitKeys(sizes, rows, maxBytes)) {
    const part = await storage.findEntities({ scope, feed: driver, ids: keys.map(({ id }) => id) });
    kept.push(...part.filter(({ payload }) => !isUnwanted(payload)).map(({ id }) => id));
  }
  return kept;
}
