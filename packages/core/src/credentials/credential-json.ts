import { type WithIsoTimes, withIsoTimes } from "../json/iso-time.js";
import type { CredentialSummary } from "./credential-summary.js";

/** The properties of a credential that are instants. */
export type CredentialInstant =
  | "tokenExpiresAt"
  | "lastConnectionAttemptAt"
  | "lastSyncAt"
  | "createdAt"
  | "updatedAt";

const instants: readonly CredentialInstant[] = [
  "tokenExpiresAt",
  "lastConnectionAttemptAt",
  "lastSyncAt",
  "createdAt",
  "updatedAt",
];

/** A credential as JSON: its instants are ISO 8601 text. */
export type CredentialJson<Summary extends CredentialSummary = CredentialSummary> = WithIsoTimes<
  Summary,
  CredentialInstant
>;

/** The JSON of a credential. Other fields of the same object, such as warnings, do not change. */
export function credentialJson<Summary extends CredentialSummary>(
  credential: Summary,
): CredentialJson<Summary> {
  return withIsoTimes(credential, instants);
}
