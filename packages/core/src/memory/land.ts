import type { LandParams, LandResult } from "../ports/landing-store.js";
import type { EntityRow, LandOutcome } from "./feed-entities.js";
import type { RejectionTable } from "./rejection-table.js";
import type { TenantData } from "./tenant-data.js";

/** Lands the rows of a page, or of a part of one, and counts the outcomes. */
export function landEntities(
  tenant: TenantData,
  rejections: RejectionTable,
  { scope, feed, source, entities, touches, healsBefore }: LandParams,
  { now, isSeen }: { readonly now: number; readonly isSeen: (id: string) => boolean },
): LandResult {
  const counts = { landed: 0, unchanged: 0, superseded: 0 };
  const stored = tenant.entities(feed);
  const yields = ({ id, removed, landedAt }: EntityRow): boolean =>
    healsBefore !== null && (removed || landedAt < healsBefore) && !isSeen(id);
  for (const entity of entities) {
    const outcome = stored.land(entity, { source, now, yields });
    counts[outcome.kind] += 1;
    if (outcome.kind === "landed" && shows(outcome)) tenant.touch(touches, outcome.before, outcome.after);
    // A row that is older than the stored one says nothing about a newer, broken one.
    if (outcome.kind !== "superseded") rejections.clear(scope, feed, entity.id, ["structure"]);
  }
  return counts;
}

/** Whether a record may show the change. */
function shows({ before, after }: Extract<LandOutcome, { readonly kind: "landed" }>): boolean {
  return (
    before === null ||
    before.removed ||
    before.usedHash !== after.usedHash ||
    Object.keys({ ...before.links, ...after.links }).some(
      (link) => (before.links[link] ?? null) !== (after.links[link] ?? null),
    )
  );
}
