import { openRun } from "../testing/storage/open-run.js";
import type { createSimulatedManager } from "./simulated-manager.js";

/** Acquires and releases the lease of a run, as a sync does. */
export async function syncOnce(
  { storage }: ReturnType<typeof createSimulatedManager>,
  id: string,
  land = false,
) {
  const stored = await storage.findCredential(id);
  if (stored === null) throw new Error("no credential");
  const { companyId, environment, tenantId } = stored;
  const scope = { companyId, environment, tenantId };
  const begun = await openRun(storage, { credentialId: id, scope, runId: "run-1" });
  if (land) {
    await storage.landRows({
      lease: begun.lease,
      scope,
      feed: "customers",
      source: "export",
      entities: [{ id: "1", payload: "{}", contentHash: "h", usedHash: "h", modifiedOn: null, links: {} }],
      rejections: [],
      touches: [],
      repeated: 0,
      cursor: null,
      endsPage: true,
      markSeen: false,
      healsBefore: null,
    });
  }
  const end = () => storage.endRun({ lease: begun.lease, status: "completed", warnings: [], error: null });
  return { scope, end };
}
