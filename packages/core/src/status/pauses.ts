import { z } from "zod";
import type { Auditor } from "../audit/auditor.js";
import { invalid, issuesOf } from "../check-request.js";
import { ValidationError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { CredentialPause } from "../ports/credential-state.js";
import type { Storage } from "../ports/storage.js";

export interface PauseRequest {
  /** For people: why nothing starts by itself. */
  readonly reason: string;
  /** When the pause ends by itself, in epoch milliseconds. @defaultValue never: somebody has to resume it */
  readonly until?: number | null | undefined;
  /** Who pauses it, shown with the pause and in the audit log. @defaultValue "system" */
  readonly actor?: string | undefined;
  /** The id of the request, for the audit log. */
  readonly requestId?: string | undefined;
}

export type ResumeRequest = Pick<PauseRequest, "actor" | "requestId">;

/** Pauses keep a credential from being synced by itself. A person may still start a sync, and a run goes on. */
export interface Pauses {
  /**
   * Begins a pause, in place of an earlier one: the schedule starts no runs until it ends.
   * @throws {@link ValidationError} for an invalid request or an unknown credential.
   */
  pause(credentialId: string, request: PauseRequest): Promise<CredentialPause>;
  /**
   * Ends a pause. Starts that fell into it are not caught up with.
   * @returns the pause; `null` if there was none.
   */
  resume(credentialId: string, request?: ResumeRequest): Promise<CredentialPause | null>;
}

const requestSchema = z.strictObject({
  reason: z.string().trim().min(1).max(500),
  until: z.number().nullish(),
  actor: z.string().min(1).default("system"),
  requestId: z.string().optional(),
});

export function createPauses({
  store,
  clock,
  auditor,
}: {
  readonly store: Pick<Storage, "findCredential" | "pauseCredential" | "resumeCredential">;
  readonly clock: Clock;
  readonly auditor: Auditor;
}): Pauses {
  return {
    async pause(credentialId, request) {
      const { reason, until = null, actor, requestId } = check(request, clock.now());
      const credential = await store.findCredential(credentialId);
      const pause = await store.pauseCredential({ credentialId, reason, actor, until });
      if (credential === null || pause === null) {
        throw new ValidationError("No credential with this id exists.");
      }
      await auditor.record({
        actor,
        requestId,
        action: "credential:pause",
        subject: credentialId,
        companyId: credential.companyId,
        outcome: "success",
        details: { reason, until },
      });
      return pause;
    },

    async resume(credentialId, { actor = "system", requestId } = {}) {
      const credential = await store.findCredential(credentialId);
      if (credential === null) throw new ValidationError("No credential with this id exists.");
      const pause = await store.resumeCredential(credentialId);
      if (pause === null) return null;
      await auditor.record({
        actor,
        requestId,
        action: "credential:resume",
        subject: credentialId,
        companyId: credential.companyId,
        outcome: "success",
        details: { pausedBy: pause.actor, reason: pause.reason },
      });
      return pause;
    },
  };
}

function check(request: PauseRequest, now: number) {
  const parsed = requestSchema.safeParse(request);
  const issues = issuesOf(parsed.error);
  if (parsed.success && parsed.data.until != null && parsed.data.until <= now) {
    issues.push("until: expected a time in the future");
  }
  if (parsed.success && issues.length === 0) return parsed.data;
  throw invalid("pause", issues);
}
