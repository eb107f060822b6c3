import { PGlite } from "@electric-sql/pglite";
import { describeRecordSink } from "@titan-sync/core/testing";
import { migrate } from "../migrations/migrate.js";
import { pglitePool } from "../pglite-pool.js";
import { sinkUnderTest } from "./__fixtures__/sink-under-test.js";

describeRecordSink({
  name: "sink on PGlite",
  setup: async () => {
    const pglite = new PGlite();
    const pool = pglitePool(pglite);
    await migrate({ pool });
    return sinkUnderTest(pool, () => pglite.close());
  },
});
