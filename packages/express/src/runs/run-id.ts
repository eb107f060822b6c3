import { createHash } from "node:crypto";

/**
 * The run id that belongs to an idempotency key: the same in every process and after every restart, so that the
 * history itself remembers which keys were used.
 */
export function runIdOfKey(credentialId: string, principalId: string, key: string): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([credentialId, principalId, key]))
    .digest("hex");
  // In the form of a version 8 UUID: ids made up by the application.
  const variant = ((Number.parseInt(digest.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join("-");
}
