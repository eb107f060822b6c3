import { memoryStorage, type Storage } from "@titan-sync/core";
import { postgresStorage } from "@titan-sync/postgres";
import { describe, test } from "vitest";
import { startHost } from "../packages/express/src/__fixtures__/host.js";
import { checkRequests } from "../packages/express/src/__fixtures__/requests-property.js";
import { createTestDatabase } from "../test/postgres/database.js";
import { isSample, report, seed } from "./support/campaign.js";

const runs = isSample ? 100 : 5000;

interface Opened extends AsyncDisposable {
  readonly storage: Storage;
}

const storages: readonly [string, () => Promise<Opened>][] = [
  ["memory", async () => ({ storage: memoryStorage(), [Symbol.asyncDispose]: async () => undefined })],
  [
    "PostgreSQL",
    async () => {
      const database = await createTestDatabase();
      const storage = postgresStorage({ pool: database.pool });
      return { storage, [Symbol.asyncDispose]: database.drop };
    },
  ],
];

describe.each(storages)("a router over %s", (kind, open) => {
  test("answers any request without failing, leaking anything, or hanging", async () => {
    await using opened = await open();
    await using host = await startHost({ mountPath: "/api/servicetitan", storage: opened.storage });
    await checkRequests(host, { runs, seed });
    report(`router over ${kind}: ${runs} requests from seed ${seed}`);
  });
});
