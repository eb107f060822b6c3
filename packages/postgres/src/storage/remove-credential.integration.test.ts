import type { Storage } from "@titan-sync/core";
import type { PgPoolLike } from "@titan-sync/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { type OpenedRun, openOwnRun } from "./__fixtures__/open-run.js";
import { postgresStorage } from "./postgres-storage.js";

const request = {
  data: "both",
  mode: "incremental",
  fresh: false,
  rederive: false,
  range: null,
  allowRemovals: false,
} as const;

describe("the removal of a credential with a large amount of data", () => {
  let database: TestDatabase;
  let storage: Storage;
  beforeAll(async () => {
    database = await createTestDatabase();
    storage = postgresStorage({ pool: database.pool });
  });
  afterAll(() => database.drop());

  /** A pool that counts what each deletion takes, and fails at the given one. */
  function watching(deleted: number[], failAt = Number.POSITIVE_INFINITY): PgPoolLike {
    return {
      async connect() {
        const client = await database.pool.connect();
        return {
          async query(text, values) {
            // From the first step on: what goes before is one transaction.
            const isDeletion =
              text.startsWith("DELETE FROM") && (deleted.length > 0 || text.includes("ctid"));
            if (isDeletion && deleted.length === failAt) {
              throw Object.assign(new Error("cancelled"), { code: "57014" });
            }
            const result = (await client.query(text, values === undefined ? undefined : [...values])) as {
              readonly rowCount: number | null;
              readonly rows: readonly object[];
            };
            if (isDeletion) deleted.push(result.rowCount ?? 0);
            return result as never;
          },
          release: (error) => client.release(error),
        };
      },
    };
  }

  /** A tenant with a paused full pass that has seen 12,000 rows, as many open changes, and a row of each other kind. */
  async function withMuchData(): Promise<OpenedRun> {
    const opened = await openOwnRun(storage);
    await opened.land({
      entities: [],
      rejections: [
        { feed: "customers", entityId: "9", stage: "structure", rules: ["r"], message: "m", payload: "{}" },
      ],
    });
    await storage.endRun({ lease: opened.lease, status: "paused", warnings: [], error: null });
    const ofRun = "SELECT run_number, company_id FROM titan_sync.runs WHERE run_id = $1";
    await database.pool.query(
      `INSERT INTO titan_sync.seen_entities (run_number, company_id, feed, entity_id)
      SELECT run.run_number, run.company_id, 'jobs', id FROM (${ofRun}) run, generate_series(1, 12000) id`,
      [opened.run.id],
    );
    await database.pool.query(
      `INSERT INTO titan_sync.work_items (scope_id, company_id, record, feed, entity_id)
      SELECT scope_id, company_id, 'member', 'customers', id
      FROM titan_sync.runs, generate_series(1, 12000) id WHERE run_id = $1`,
      [opened.run.id],
    );
    return opened;
  }

  /** Rows of each table that are this company's. */
  async function left(companyId: string): Promise<Readonly<Record<string, number>>> {
    const tables = ["credentials", "runs", "leases", "seen_entities", "work_items", "rejections"];
    const { rows } = await database.pool.query<{ name: string; kept: number }>(
      tables
        .map(
          (table) =>
            `SELECT '${table}' AS name, count(*)::int AS kept FROM titan_sync.${table} WHERE company_id = $1`,
        )
        .join(" UNION ALL "),
      [companyId],
    );
    return Object.fromEntries(rows.map(({ name, kept }) => [name, kept]));
  }

  const nothing = { credentials: 0, runs: 0, leases: 0, seen_entities: 0, work_items: 0, rejections: 0 };

  it("was one statement for each table; now no step takes more than 5,000 rows", async () => {
    const deleted: number[] = [];
    const { lease, scope } = await withMuchData();
    const other = await withMuchData();
    const watched = postgresStorage({ pool: watching(deleted) });
    expect(await watched.removeCredential({ id: lease.credentialId, withData: true })).toBe(true);
    expect(Math.max(...deleted)).toBe(5000);
    expect(await left(scope.companyId)).toEqual(nothing);
    expect(await left(other.scope.companyId)).toMatchObject({
      credentials: 1,
      runs: 1,
      seen_entities: 12_000,
      work_items: 12_000,
      rejections: 1,
    });
  });

  it("that was interrupted anywhere lets no run start, and is finished by the next call", async () => {
    let cuts = 0;
    for (let failAt = 0; ; failAt += 3) {
      const deleted: number[] = [];
      const { lease, scope } = await withMuchData();
      const id = lease.credentialId;
      const cutOff = postgresStorage({ pool: watching(deleted, failAt) });
      const outcome = await cutOff.removeCredential({ id, withData: true }).catch(() => "cut off");
      if (outcome === true) break;
      cuts += 1;
      const params = { credentialId: id, scope, type: "manual", request, leaseMs: 60_000 } as const;
      await expect(storage.beginRun({ ...params, runId: `run-${failAt}-${id}` })).rejects.toMatchObject({
        code: "CONFLICT",
        message: "The credential is being removed with its data.",
      });
      // Whatever the next call asks for: half of a tenant's data is of no use to anybody.
      expect(await storage.removeCredential({ id, withData: failAt % 2 === 0 })).toBe(true);
      expect(await left(scope.companyId)).toEqual(nothing);
    }
    expect(cuts).toBeGreaterThan(4);
  });
});
