import { migrate } from "@titan-sync/postgres";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import type { Template } from "../../../../test/postgres/template.js";
import { migratePgBoss } from "../migrations/migrate-pg-boss.js";

const withQueue: Template = {
  name: "titan_sync_queue_template",
  async fill(pool) {
    await migrate({ pool });
    await migratePgBoss({ pool });
  },
};

/** A fresh database with the tables of the storage and of the queue. */
export async function createQueueDatabase(): Promise<TestDatabase> {
  return await createTestDatabase({ template: withQueue });
}
