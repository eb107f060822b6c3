import { describeStorage } from "@titan-sync/core/testing";
import { createTestDatabase } from "../../../../test/postgres/database.js";
import { postgresStorage } from "./postgres-storage.js";

describeStorage({
  name: "storage on PostgreSQL",
  setup: async () => {
    const { pool, drop } = await createTestDatabase();
    return { storage: postgresStorage({ pool }), close: drop };
  },
});
