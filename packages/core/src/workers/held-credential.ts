import type { Clock } from "../ports/clock.js";
import type { Storage } from "../ports/storage.js";

/** Why nothing of a credential is to be started by itself: a person paused it, or ServiceTitan refuses it. */
export type Hold = "paused" | "refused";

/** @returns `null` if nothing holds it back, or it is unknown. */
export async function findHold(
  { storage, clock }: { readonly storage: Pick<Storage, "findCredentialState">; readonly clock: Clock },
  credentialId: string,
): Promise<Hold | null> {
  const state = await storage.findCredentialState(credentialId);
  if (state === null) return null;
  if (state.connection === "error") return "refused";
  const { pause } = state;
  return pause !== null && (pause.until === null || pause.until > clock.now()) ? "paused" : null;
}
