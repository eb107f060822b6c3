import { PGlite } from "@electric-sql/pglite";
import { describeStorage } from "@titan-sync/core/testing";
import { migrate } from "../migrations/migrate.js";
import { pglitePool } from "../pglite-pool.js";
import { postgresStorage } from "./postgres-storage.js";

describeStorage({
  name: "storage on PGlite",
  setup: async () => {
    const pglite = new PGlite();
    const pool = pglitePool(pglite);
    await migrate({ pool });
    return { storage: postgresStorage({ pool }), close: () => pglite.close() };
  },
});
