import { describeStorage } from "@titan-sync/core/testing";
import { createTestDatabase } from "../__fixtures__/test-database.js";
import { sqliteStorage } from "./sqlite-storage.js";

describeStorage({
  name: "storage on SQLite",
  setup: async () => {
    const { database, drop } = await createTestDatabase();
    return { storage: sqliteStorage({ database }), close: drop };
  },
});
