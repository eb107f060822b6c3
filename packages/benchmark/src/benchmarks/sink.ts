import { postgresAppendSink, postgresSink } from "@titan-sync/postgres";
import type { Pool } from "pg";
import type { Benchmark, Setting, Variant } from "../measure/benchmark.js";
import { timed } from "../measure/timed.js";
import { ratio, whole } from "../report/report.js";
import { copyAppend, copyUpsert, type WriteBatch } from "../stage/copy-sinks.js";
import { withDatabase } from "../stage/database.js";
import { batchSize, invoiceBatches } from "../stage/invoice-batches.js";

const records = 100_000;
const { signal } = new AbortController();
const ownTable = "own_invoices";

/** A sink as a function of a batch, in a database that has what it needs. */
type OpenSink = (pool: Pool) => Promise<WriteBatch>;

const sinks = {
  "upsert, statement": async (pool) => {
    const sink = postgresSink({ pool });
    return async (batch) => void (await sink.write(batch, { signal }));
  },
  "upsert, COPY": async (pool) => copyUpsert(pool),
  "append, statement": async (pool) => {
    await createOwnTable(pool);
    const sink = postgresAppendSink({ pool, tables: { invoice: { table: ownTable } } });
    return async (batch) => void (await sink.write(batch, { signal }));
  },
  "append, COPY": async (pool) => {
    await createOwnTable(pool);
    return copyAppend(pool, ownTable);
  },
} as const satisfies Readonly<Record<string, OpenSink>>;

/** The host's table: an id, the record's columns and whether they were processed. */
async function createOwnTable(pool: Pool): Promise<void> {
  await pool.query(`CREATE TABLE ${ownTable} (LIKE titan_sync.invoices_stream INCLUDING ALL)`);
  await pool.query(
    `ALTER TABLE ${ownTable} DROP environment, DROP source_tenant, DROP source_id, DROP revision`,
  );
}

async function writeAll(write: WriteBatch, { scale }: Setting, revision: number) {
  // Made before the clock runs: a sync has them in memory.
  const batches = [...invoiceBatches(Math.max(batchSize, Math.round(records * scale)), revision)];
  return await timed(async () => {
    for (const batch of batches) await write(batch);
  });
}

const variants: readonly Variant[] = Object.entries<OpenSink>(sinks).map(([name, openSink]) => ({
  name,
  measure: (setting) =>
    withDatabase(setting.serverUrl, async (pool) => {
      const write = await openSink(pool);
      const first = await writeAll(write, setting, 1);
      const again = await writeAll(write, setting, 2);
      return { newMs: first.ms, changedMs: again.ms, cpuMs: first.cpuMs + again.cpuMs };
    }),
}));

export const sink: Benchmark = {
  name: "sink",
  title: "COPY against a statement in sinks",
  about: `${whole(records)} invoices in batches of ${whole(batchSize)}, one batch and transaction after the other, written to empty
tables and then written again, all of them changed: by our sinks, which send a batch as one statement with one text per
column, and by COPY, either into a temporary table that one statement merges or directly into the table for appends.`,
  rounds: 5,
  needsPostgres: true,
  variants,
  report(medians) {
    const against = (kind: "upsert" | "append", figure: "newMs" | "changedMs") =>
      ratio(medians.of(`${kind}, statement`, figure) / medians.of(`${kind}, COPY`, figure));
    return {
      table: {
        columns: ["variant", "new, ms", "changed, ms", "our processor time, ms"],
        rows: variants.map(({ name }) => [
          name,
          whole(medians.of(name, "newMs")),
          whole(medians.of(name, "changedMs")),
          whole(medians.of(name, "cpuMs")),
        ]),
      },
      findings: [
        {
          what: "upsert of new records, statement / COPY",
          measured: against("upsert", "newMs"),
          target: "none: decision 25",
        },
        {
          what: "upsert of changed records, statement / COPY",
          measured: against("upsert", "changedMs"),
          target: "none: decision 25",
        },
        {
          what: "append, statement / COPY",
          measured: against("append", "newMs"),
          target: "none: decision 25",
        },
      ],
    };
  },
};
