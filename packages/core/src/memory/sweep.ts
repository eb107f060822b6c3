import type { SweepResult } from "../ports/landing-store.js";
import type { Storage } from "../ports/storage.js";
import type { EntityRow } from "./feed-entities.js";
import type { RejectionTable } from "./rejection-table.js";
import type { TenantData } from "./tenant-data.js";

/** Marks entities removed that were not seen, unless they are too many, and closes what was rejected of them. */
export function sweepAbsent(
  tenant: TenantData,
  rejections: RejectionTable,
  { scope, feed, touches, maxShare, spareAfter }: Parameters<Storage["sweepFeed"]>[0],
  isSeen: (id: string) => boolean,
): SweepResult {
  const entities = tenant.entities(feed);
  const absent: EntityRow[] = [];
  let total = 0;
  for (const [id, row] of entities.above(null)) {
    if (row.removed) continue;
    total += 1;
    if (!isSeen(id) && row.landedAt <= (spareAfter ?? Number.POSITIVE_INFINITY)) absent.push(row);
  }
  if (absent.length > maxShare * total) return { total, absent: absent.length, removed: 0 };
  for (const row of absent) {
    entities.markRemoved(row);
    tenant.touch(touches, row, row);
  }
  rejections.forgetRows(
    scope,
    absent.map(({ id }) => ({ feed, entityId: id })),
  );
  rejections.closeUnseen(scope, feed, spareAfter, isSeen);
  return { total, absent: absent.length, removed: absent.length };
}
