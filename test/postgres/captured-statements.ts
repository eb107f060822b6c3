import type { PgPoolLike } from "@titan-sync/postgres";
import type { Pool } from "pg";

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A pool that keeps what it is asked. */
export function capturing(pool: PgPoolLike, statements: Statement[]): PgPoolLike {
  return {
    async connect() {
      const client = await pool.connect();
      return {
        query(text, values) {
          if (values !== undefined) statements.push({ text, values });
          return client.query(text, values);
        },
        release: (error) => client.release(error),
      };
    },
  };
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

/** The tables that PostgreSQL would read from end to end for a statement with these values. */
export async function scannedTables(pool: Pool, { text, values }: Statement): Promise<readonly string[]> {
  const { rows } = await pool.query<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(
    `EXPLAIN (FORMAT JSON) ${text}`,
    [...values],
  );
  return (rows[0]?.["QUERY PLAN"] ?? []).flatMap(({ Plan }) => scansIn(Plan));
}

/**
 * One short row for each tenant: beside many runs, reading them all at once is the better plan. And a few rows for each
 * feed, however much is landed.
 */
const shortTables: readonly (string | undefined)[] = ["tenant_scopes", "feed_links"];

function scansIn(node: PlanNode): readonly string[] {
  const below = (node.Plans ?? []).flatMap(scansIn);
  const name = node["Relation Name"];
  return node["Node Type"] !== "Seq Scan" || shortTables.includes(name)
    ? below
    : [name ?? "a table", ...below];
}
