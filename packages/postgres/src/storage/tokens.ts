import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { fromEpochMs } from "../database/values.js";

export async function saveToken(
  { query, tables }: Database,
  { id, version, token }: Parameters<Storage["saveToken"]>[0],
): Promise<boolean> {
  const { rowCount } = await query(
    `UPDATE ${tables.credentials}
    SET access_token = $3, token_issued_at = ${fromEpochMs("$4")}, token_expires_at = ${fromEpochMs("$5")},
      updated_at = clock_timestamp()
    WHERE credential_id = $1 AND version = $2`,
    [id, version, token.accessToken, token.issuedAt, token.expiresAt],
  );
  return rowCount > 0;
}

export async function dropToken(
  { query, tables }: Database,
  { id, accessToken }: Parameters<Storage["dropToken"]>[0],
): Promise<void> {
  await query(
    `UPDATE ${tables.credentials}
    SET access_token = NULL, token_issued_at = NULL, token_expires_at = NULL, updated_at = clock_timestamp()
    WHERE credential_id = $1 AND access_token = $2`,
    [id, accessToken],
  );
}

export async function acquireTokenLease(
  { query, tables }: Database,
  { credentialId, owner, leaseMs }: Parameters<Storage["acquireTokenLease"]>[0],
): Promise<boolean> {
  const { rowCount } = await query(
    `UPDATE ${tables.credentials}
    SET token_lease_owner = $2, token_lease_expires_at = clock_timestamp() + $3 * interval '1 millisecond'
    WHERE credential_id = $1
      AND (token_lease_owner IS NULL OR token_lease_owner = $2 OR token_lease_expires_at <= clock_timestamp())`,
    [credentialId, owner, leaseMs],
  );
  return rowCount > 0;
}

export async function releaseTokenLease(
  { query, tables }: Database,
  { credentialId, owner }: Parameters<Storage["releaseTokenLease"]>[0],
): Promise<void> {
  await query(
    `UPDATE ${tables.credentials} SET token_lease_owner = NULL, token_lease_expires_at = NULL
    WHERE credential_id = $1 AND token_lease_owner = $2`,
    [credentialId, owner],
  );
}

export async function replaceCiphertexts(
  { query, tables }: Database,
  { id, expected, replacement }: Parameters<Storage["replaceCiphertexts"]>[0],
): Promise<boolean> {
  const { rowCount } = await query(
    `UPDATE ${tables.credentials}
    SET client_id = $6, client_secret = $7, app_key = $8, access_token = $9,
      token_issued_at = CASE WHEN $9::text IS NOT NULL THEN token_issued_at END,
      token_expires_at = CASE WHEN $9::text IS NOT NULL THEN token_expires_at END
    WHERE credential_id = $1 AND client_id = $2 AND client_secret = $3 AND app_key = $4
      AND access_token IS NOT DISTINCT FROM $5`,
    [
      id,
      expected.clientId,
      expected.clientSecret,
      expected.appKey,
      expected.accessToken,
      replacement.clientId,
      replacement.clientSecret,
      replacement.appKey,
      // Without a token there is nothing to re-encrypt.
      expected.accessToken === null ? null : replacement.accessToken,
    ],
  );
  return rowCount > 0;
}
