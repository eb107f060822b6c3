import type { BatchItem, RecordBatch, SinkAnswer } from "@titan-sync/core";
import { reasonAgainst, streamOf } from "@titan-sync/core/support";
import type { Statements, Value } from "../database/connection.js";

type Upsert = Extract<BatchItem, { readonly op: "upsert" }>;

/**
 * Applies a batch to our stream tables. An item whose revision is not above the one that is known changes nothing, also
 * when what is known is a removal.
 */
export function writeBatch(statements: Statements, batch: RecordBatch, now: number): SinkAnswer {
  const rejected: { readonly key: string; readonly reason: string }[] = [];
  for (const item of batch.items) {
    if (item.op === "remove") {
      remove(statements, batch, item, now);
      continue;
    }
    const reason = reasonAgainst(item.record);
    if (reason === null) upsert(statements, batch, item);
    else rejected.push({ key: item.key, reason });
  }
  return { rejected };
}

const isOurs = "tenant = ?1 AND environment = ?2 AND source_tenant = ?3 AND source_id = ?4";
const isRemoval =
  "company_id = ?1 AND environment = ?2 AND source_tenant = ?3 AND source_id = ?4 AND record = ?5";

/** The columns that identify a record. */
function identityOf({ scope }: RecordBatch, key: string): readonly [string, string, string, string] {
  return [scope.companyId, scope.environment, scope.tenantId, key];
}

interface KnownRow {
  readonly id: number;
  readonly revision: number;
}

function findRow(statements: Statements, batch: RecordBatch, key: string): KnownRow | undefined {
  return statements.get<KnownRow>(
    `SELECT id, revision FROM ${streamOf(batch.record).table} WHERE ${isOurs}`,
    ...identityOf(batch, key),
  );
}

function remove(statements: Statements, batch: RecordBatch, { key, revision }: BatchItem, now: number): void {
  const known = findRow(statements, batch, key);
  if (known !== undefined && known.revision > revision) return;
  if (known !== undefined) {
    statements.run(`DELETE FROM ${streamOf(batch.record).table} WHERE id = ?1`, known.id);
  }
  statements.run(
    `INSERT INTO stream_removals AS known
      (company_id, environment, source_tenant, source_id, record, revision, removed_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (record, company_id, environment, source_tenant, source_id) DO UPDATE
    SET revision = excluded.revision, removed_at = excluded.removed_at
    WHERE known.revision < excluded.revision`,
    ...identityOf(batch, key),
    batch.record,
    revision,
    now,
  );
}

function upsert(statements: Statements, batch: RecordBatch, { key, revision, record }: Upsert): void {
  const identity = identityOf(batch, key);
  const removed = statements.get<{ revision: number }>(
    `SELECT revision FROM stream_removals WHERE ${isRemoval}`,
    ...identity,
    batch.record,
  );
  if (removed !== undefined && removed.revision >= revision) return;
  if (removed !== undefined) {
    statements.run(`DELETE FROM stream_removals WHERE ${isRemoval}`, ...identity, batch.record);
  }
  const { table, columns } = streamOf(batch.record);
  const row: Readonly<Record<string, Value | undefined>> = { ...record };
  const values = columns.map((column) => row[column] ?? null);
  const known = findRow(statements, batch, key);
  if (known === undefined) {
    const all = ["tenant", "environment", "source_tenant", "source_id", "revision", ...columns];
    statements.run(
      `INSERT INTO ${table} (${all.join(", ")}) VALUES (${all.map(() => "?").join(", ")})`,
      ...identity,
      revision,
      ...values,
    );
  } else if (known.revision < revision) {
    const changes = ["revision", ...columns].map((column) => `${column} = ?`);
    statements.run(
      `UPDATE ${table} SET processed = 0, ${changes.join(", ")} WHERE id = ?`,
      revision,
      ...values,
      known.id,
    );
  }
}
