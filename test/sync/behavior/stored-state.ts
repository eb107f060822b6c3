import { feeds } from "@titan-sync/core";
import type { World } from "../world.js";

/** Of this library. */
export const feedNames = Object.keys(feeds) as (keyof typeof feeds)[];

/** Everything that a storage and its sink show of a company; the audit log and the token aside. */
export async function dump({ storage, credentialId, ...world }: World) {
  const { companyId, tenantId } = world;
  const scope = { companyId, environment: "production", tenantId } as const;
  const page = { limit: 1000 };
  const entities: unknown[] = [];
  const listed: unknown[] = [];
  for (const feed of feedNames) {
    const ids = (await storage.listEntityIds({ scope, feed, after: null, limit: 1000 })).map((row) => row.id);
    entities.push(await storage.findEntities({ scope, feed, ids }));
    for (const record of ["member", "invoice"] as const) {
      listed.push(await storage.listPendingIds({ scope, record, feed, after: null, limit: 1000 }));
      entities.push(await storage.findDeliveredRecords({ scope, record, ids }));
    }
  }
  const credential = await storage.findCredential(credentialId);
  return {
    entities,
    listed,
    lastSyncAt: credential?.lastSyncAt,
    cursors: [...(await storage.findCursors(scope))].sort(([left], [right]) => left.localeCompare(right)),
    batches: await storage.listStagedBatches(scope),
    runs: await storage.listRuns({ companyId }, page),
    rejections: await storage.listRejections({ companyId }, page),
    members: await storage.listRecords({ record: "member", companyId }, page),
    invoices: await storage.listRecords({ record: "invoice", companyId }, page),
    sink: [await world.records("member"), await world.records("invoice")],
  };
}
