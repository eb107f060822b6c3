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

type CredentialRow = Omit<StoredCredential, "token"> & {
  readonly accessToken: string | null;
  readonly tokenIssuedAt: number | null;
  readonly tokenExpiresAt: number | null;
};

const columns = `credential_id AS id, company_id AS companyId, environment, tenant_id AS tenantId, version,
  client_id AS clientId, client_secret AS clientSecret, app_key AS appKey, access_token AS accessToken, status,
  token_issued_at AS tokenIssuedAt, token_expires_at AS tokenExpiresAt,
  last_connection_attempt_at AS lastConnectionAttemptAt, last_sync_at AS lastSyncAt,
  created_at AS createdAt, updated_at AS updatedAt`;

export async function createCredential(
  database: Database,
  credential: NewCredential,
): Promise<StoredCredential> {
  const row = await database.transaction((transaction) =>
    transaction.get<CredentialRow>(
      `INSERT INTO credentials (credential_id, company_id, environment, tenant_id, client_id, client_secret, app_key,
        status, created_at, updated_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) ON CONFLICT DO NOTHING RETURNING ${columns}`,
      credential.id,
      credential.companyId,
      credential.environment,
      credential.tenantId,
      credential.clientId,
      credential.clientSecret,
      credential.appKey,
      credential.status,
      database.now(),
    ),
  );
  if (row !== undefined) return toStoredCredential(row);
  throw credentialTaken();
}

export async function findCredential(database: Database, id: string): Promise<StoredCredential | null> {
  const row = await database.read((statements) =>
    statements.get<CredentialRow>(`SELECT ${columns} FROM credentials WHERE credential_id = ?1`, id),
  );
  return row === undefined ? null : toStoredCredential(row);
}

/** Ordered by company and environment. */
export async function listCredentials(
  database: Database,
  filter: CredentialFilter,
  page: PageRequest,
): Promise<Page<StoredCredential>> {
  const conditions = new Conditions()
    .add(filter.companyId, (value) => `company_id = ${value}`)
    .addAny("company_id", filter.companyIds)
    .add(filter.environment, (value) => `environment = ${value}`)
    .add(filter.status, (value) => `status = ${value}`)
    .add(filter.tokenExpiresBefore, (value) => `token_expires_at < ${value}`)
    .addAll(
      decodeCursor("credentials", 2, page),
      (companyId, environment) => `(company_id, environment) > (${companyId}, ${environment})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  const rows = await database.read((statements) =>
    statements.all<CredentialRow>(
      `SELECT ${columns} FROM credentials${conditions.where} ORDER BY company_id, environment LIMIT ${limit}`,
      ...conditions.values,
    ),
  );
  return toPage("credentials", rows, page, {
    item: toStoredCredential,
    place: (row) => [row.companyId, row.environment],
  });
}

export async function updateCredential(
  database: Database,
  update: CredentialUpdate,
): Promise<StoredCredential> {
  const row = await database.transaction((transaction) =>
    transaction.get<CredentialRow>(
      `UPDATE credentials
      SET tenant_id = ?3, client_id = ?4, client_secret = ?5, app_key = ?6, version = version + 1,
        status = 'pending', access_token = NULL, token_issued_at = NULL, token_expires_at = NULL,
        token_lease_owner = NULL, token_lease_expires_at = NULL, updated_at = ?7
      WHERE credential_id = ?1 AND version = ?2 AND removing = 0 RETURNING ${columns}`,
      update.id,
      update.expectedVersion,
      update.tenantId,
      update.clientId,
      update.clientSecret,
      update.appKey,
      database.now(),
    ),
  );
  if (row !== undefined) return toStoredCredential(row);
  throw changedMeanwhile("credential");
}

export async function setConnectionStatus(
  database: Database,
  { id, version, status }: Pick<StoredCredential, "id" | "version" | "status">,
): Promise<void> {
  await database.transaction((transaction) =>
    transaction.run(
      `UPDATE credentials SET status = ?3, last_connection_attempt_at = ?4, updated_at = ?4
      WHERE credential_id = ?1 AND version = ?2`,
      id,
      version,
      status,
      database.now(),
    ),
  );
}

function toStoredCredential(row: CredentialRow): StoredCredential {
  const { accessToken, tokenIssuedAt: issuedAt, tokenExpiresAt: expiresAt, ...credential } = row;
  const hasToken = accessToken !== null && issuedAt !== null && expiresAt !== null;
  return { ...credential, token: hasToken ? { accessToken, issuedAt, expiresAt } : null };
}
