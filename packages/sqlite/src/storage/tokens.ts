import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";

export async function saveToken(
  database: Database,
  { id, version, token }: Parameters<Storage["saveToken"]>[0],
): Promise<boolean> {
  const changed = await database.transaction((transaction) =>
    transaction.run(
      `UPDATE credentials SET access_token = ?3, token_issued_at = ?4, token_expires_at = ?5, updated_at = ?6
      WHERE credential_id = ?1 AND version = ?2`,
      id,
      version,
      token.accessToken,
      token.issuedAt,
      token.expiresAt,
      database.now(),
    ),
  );
  return changed > 0;
}

export async function dropToken(
  database: Database,
  { id, accessToken }: Parameters<Storage["dropToken"]>[0],
): Promise<void> {
  await database.transaction((transaction) =>
    transaction.run(
      `UPDATE credentials SET access_token = NULL, token_issued_at = NULL, token_expires_at = NULL, updated_at = ?3
      WHERE credential_id = ?1 AND access_token = ?2`,
      id,
      accessToken,
      database.now(),
    ),
  );
}

export async function acquireTokenLease(
  database: Database,
  { credentialId, owner, leaseMs }: Parameters<Storage["acquireTokenLease"]>[0],
): Promise<boolean> {
  const changed = await database.transaction((transaction) => {
    const now = database.now();
    return transaction.run(
      `UPDATE credentials SET token_lease_owner = ?2, token_lease_expires_at = ?4
      WHERE credential_id = ?1
        AND (token_lease_owner IS NULL OR token_lease_owner = ?2 OR token_lease_expires_at <= ?3)`,
      credentialId,
      owner,
      now,
      now + Math.ceil(leaseMs),
    );
  });
  return changed > 0;
}

export async function releaseTokenLease(
  database: Database,
  { credentialId, owner }: Parameters<Storage["releaseTokenLease"]>[0],
): Promise<void> {
  await database.transaction((transaction) =>
    transaction.run(
      `UPDATE credentials SET token_lease_owner = NULL, token_lease_expires_at = NULL
      WHERE credential_id = ?1 AND token_lease_owner = ?2`,
      credentialId,
      owner,
    ),
  );
}

export async function replaceCiphertexts(
  database: Database,
  { id, expected, replacement }: Parameters<Storage["replaceCiphertexts"]>[0],
): Promise<boolean> {
  const changed = await database.transaction((transaction) =>
    transaction.run(
      `UPDATE credentials SET client_id = ?6, client_secret = ?7, app_key = ?8, access_token = ?9
      WHERE credential_id = ?1 AND client_id = ?2 AND client_secret = ?3 AND app_key = ?4 AND access_token IS ?5`,
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
    ),
  );
  return changed > 0;
}
