import { PGlite } from "@electric-sql/pglite";
import { describeRateLimitCoordinator } from "@titan-sync/core/testing";
import { afterAll, beforeAll } from "vitest";
import { migrate } from "../migrations/migrate.js";
import { pglitePool } from "../pglite-pool.js";
import { postgresRateLimitCoordinator } from "./postgres-rate-limit-coordinator.js";

const pglite = new PGlite();
const pool = pglitePool(pglite);
const coordinator = postgresRateLimitCoordinator({ pool });
beforeAll(() => migrate({ pool }));
afterAll(() => pglite.close());

describeRateLimitCoordinator({
  name: "rate limit coordinator on PGlite",
  setup: () => [coordinator],
});
