import type {
  CredentialFilter,
  CredentialUpdate,
  NewCredential,
  Page,
  PageRequest,
  StoredCredential,
} from "@titan-sync/core";
import {
  changedMeanwhile,
  credentialTaken,
  decodeCursor,
  rowsWanted,
  toPage,
} from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";
import { epochMs, fromEpochMs } from "../database/values.js";

type CredentialRow = Omit<StoredCredential, "token"> & {
  readonly accessToken: string | null;
  readonly tokenIssuedAt: number | null;
  readonly tokenExpiresAt: number | null;
};

const columns = `credential_id AS id, company_id AS "companyId", environment::text AS environment,
  tenant_id AS "tenantId", version, client_id AS "clientId", client_secret AS "clientSecret",
  app_key AS "appKey", access_token AS "accessToken", status,
  ${epochMs("token_issued_at")} AS "tokenIssuedAt", ${epochMs("token_expires_at")} AS "tokenExpiresAt",
  ${epochMs("last_connection_attempt_at")} AS "lastConnectionAttemptAt",
  ${epochMs("last_sync_at")} AS "lastSyncAt",
  ${epochMs("created_at")} AS "createdAt", ${epochMs("updated_at")} AS "updatedAt"`;

export async function createCredential(
  { query, tables }: Database,
  credential: NewCredential,
): Promise<StoredCredential> {
  const { rows } = await query<CredentialRow>(
    `INSERT INTO ${tables.credentials}
      (credential_id, company_id, environment, tenant_id, client_id, client_secret, app_key, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING ${columns}`,
    [
      credential.id,
      credential.companyId,
      credential.environment,
      credential.tenantId,
      credential.clientId,
      credential.clientSecret,
      credential.appKey,
      credential.status,
    ],
  );
  if (rows[0] !== undefined) return toStoredCredential(rows[0]);
  throw credentialTaken();
}

export async function findCredential(
  { query, tables }: Database,
  id: string,
): Promise<StoredCredential | null> {
  const { rows } = await query<CredentialRow>(
    `SELECT ${columns} FROM ${tables.credentials} WHERE credential_id = $1`,
    [id],
  );
  return rows[0] === undefined ? null : toStoredCredential(rows[0]);
}

/** Ordered by company and environment. */
export async function listCredentials(
  { query, tables }: Database,
  filter: CredentialFilter,
  page: PageRequest,
): Promise<Page<StoredCredential>> {
  const conditions = new Conditions()
    .add(filter.companyId, (value) => `company_id = ${value}`)
    .add(filter.companyIds, (value) => `company_id = ANY (${value}::text[])`)
    .add(filter.environment, (value) => `environment = ${value}`)
    .add(filter.status, (value) => `status = ${value}`)
    .add(filter.tokenExpiresBefore, (value) => `token_expires_at < ${fromEpochMs(value)}`)
    .addAll(
      decodeCursor("credentials", 2, page),
      (companyId, environment) => `(company_id, environment::text) > (${companyId}, ${environment})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  const { rows } = await query<CredentialRow>(
    `SELECT ${columns} FROM ${tables.credentials}${conditions.where}
    ORDER BY credentials.company_id, credentials.environment LIMIT ${limit}`,
    conditions.values,
  );
  return toPage("credentials", rows, page, {
    item: toStoredCredential,
    place: (row) => [row.companyId, row.environment],
  });
}

export async function updateCredential(
  { query, tables }: Database,
  update: CredentialUpdate,
): Promise<StoredCredential> {
  const { rows } = await query<CredentialRow>(
    `UPDATE ${tables.credentials}
    SET tenant_id = $3, client_id = $4, client_secret = $5, app_key = $6, version = version + 1,
      status = 'pending', access_token = NULL, token_issued_at = NULL, token_expires_at = NULL,
      token_lease_owner = NULL, token_lease_expires_at = NULL, updated_at = clock_timestamp()
    WHERE credential_id = $1 AND version = $2 AND NOT removing RETURNING ${columns}`,
    [update.id, update.expectedVersion, update.tenantId, update.clientId, update.clientSecret, update.appKey],
  );
  if (rows[0] !== undefined) return toStoredCredential(rows[0]);
  throw changedMeanwhile("credential");
}

export async function setConnectionStatus(
  { query, tables }: Database,
  { id, version, status }: Pick<StoredCredential, "id" | "version" | "status">,
): Promise<void> {
  await query(
    `UPDATE ${tables.credentials}
    SET status = $3, last_connection_attempt_at = now.at, updated_at = now.at
    FROM (SELECT clock_timestamp() AS at) now
    WHERE credential_id = $1 AND version = $2`,
    [id, version, status],
  );
}

function toStoredCredential(row: CredentialRow): StoredCredential {
  const { accessToken, tokenIssuedAt: issuedAt, tokenExpiresAt: expiresAt, ...credential } = row;
  const hasToken = accessToken !== null && issuedAt !== null && expiresAt !== null;
  return { ...credential, token: hasToken ? { accessToken, issuedAt, expiresAt } : null };
}
