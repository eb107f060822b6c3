import { memoryUsage } from "node:process";
import { createTitanSync, generateEncryptionKey, staticKeys } from "@titan-sync/core";
import { createTitanSyncRouter } from "@titan-sync/express";
import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import express from "express";
import { Pool } from "pg";
import type { RouterReady, RouterTask } from "./stage/router-process.js";

// Serves the router for as long as whoever started this is connected.

const unlimited = 1_000_000;

const { databaseUrl, apiUrl, tenant } = JSON.parse(process.argv[2] ?? "{}") as RouterTask;
const pool = new Pool({ connectionString: databaseUrl, max: 20 });
const titan = createTitanSync({
  storage: postgresStorage({ pool }),
  sink: postgresSink({ pool }),
  keys: staticKeys(generateEncryptionKey()),
  company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
  endpoints: { apiUrl, authUrl: apiUrl },
});
const { id: credentialId } = await titan.credentials.create({ companyId: "acme", ...tenant });

const app = express();
const router = createTitanSyncRouter({
  titan,
  authenticate: async () => ({ id: "reader", companies: { acme: ["admin"] } }),
  rateLimits: { testsPerMinute: unlimited, triggersPerMinute: unlimited },
});
app.use("/", router);
const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const ready: RouterReady = { url: `http://127.0.0.1:${address.port}`, credentialId };
  process.send?.(ready);
});

process.on("message", () => process.send?.(memoryUsage.rss() / 1024 ** 2));
process.on("disconnect", () => process.exit(0));
