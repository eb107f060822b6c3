import type { RunContext } from "../run/run-context.js";

/** A full pass that started before this time says little about the current state. */
const longestPassMs = 7 * 24 * 60 * 60 * 1000;

/** Has full passes of this run that are still being read begin again when they began too long ago. */
export async function dropStalePasses(context: RunContext): Promise<void> {
  const { storage, lease, scope, request, ownedSince } = context;
  if (request.mode !== "full") return;
  for (const [feed, cursor] of await storage.findCursors(scope)) {
    const { fullPass } = cursor;
    if (fullPass === null || fullPass.runId !== lease.runId || fullPass.drained) continue;
    if (ownedSince - Date.parse(fullPass.beganAt) <= longestPassMs) continue;
    // What the pass has seen may be gone. Deleted before its position: a stop in between leaves a pass that
    // is dropped again.
    await storage.forgetSeenIds({ lease, scope, feed });
    await storage.landRows({
      lease,
      scope,
      feed,
      source: "export",
      entities: [],
      rejections: [],
      touches: [],
      repeated: 0,
      cursor: { ...cursor, fullPass: null },
      endsPage: false,
      markSeen: false,
      healsBefore: null,
    });
  }
}
