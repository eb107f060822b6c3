import type { CredentialPause } from "../ports/credential-state.js";

/** A pause as the columns of a credential have it. */
export interface PauseRow {
  readonly pauseReason: string | null;
  readonly pausedBy: string | null;
  readonly pausedAt: number | null;
  readonly pausedUntil: number | null;
}

/** @returns `null` for columns without a pause. */
export function toPause({ pauseReason, pausedBy, pausedAt, pausedUntil }: PauseRow): CredentialPause | null {
  if (pauseReason === null || pausedBy === null || pausedAt === null) return null;
  return { reason: pauseReason, actor: pausedBy, at: pausedAt, until: pausedUntil };
}
