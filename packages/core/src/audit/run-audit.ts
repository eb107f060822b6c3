import type { AuditEntry, AuditLog } from "../ports/audit-log.js";
import type { Auditor } from "./auditor.js";

/** The audit entries for the secrets that a run uses. */
interface RunAudit extends Pick<AuditLog, "appendAudit"> {
  /** Writes the deferred entries, and from now on every entry at once. */
  flush(): Promise<void>;
}

/** The maximum number of deferred entries: a run that takes days renews its token many times. */
const maxHeld = 100;

/**
 * Holds entries back until it is known whether the run changes anything: the entry of its start names the secrets that
 * it uses, and of an idle run nothing else is worth keeping. What fails is recorded at once, with what led to it.
 */
export function createRunAudit(auditor: Pick<Auditor, "record">): RunAudit {
  let held: AuditEntry[] | null = [];

  async function flush(): Promise<void> {
    const entries = held ?? [];
    held = null;
    for (const entry of entries) await auditor.record(entry);
  }

  return {
    flush,
    async appendAudit(entry) {
      held?.push(entry);
      const isHeld = held !== null && entry.outcome === "success" && held.length < maxHeld;
      if (isHeld) return;
      if (held === null) await auditor.record(entry);
      else await flush();
    },
  };
}
