export type { MigratePgBossOptions } from "./migrations/migrate-pg-boss.js";
export { migratePgBoss } from "./migrations/migrate-pg-boss.js";
export type { PgBossJobQueueOptions } from "./pg-boss-job-queue.js";
export { pgBossJobQueue } from "./pg-boss-job-queue.js";
