import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { createScriptedClient } from "../__fixtures__/scripted-client.js";
import { createByteBudget } from "../async/byte-budget.js";
import { defaultReadingSizes } from "../extract/reading-sizes.js";
import { createRunTally } from "../ledger/run-tally.js";
import { memoryStorage } from "../memory/memory-storage.js";
import type { SyncRange } from "../ports/sync-run.js";
import { createDriftCheck } from "../quality/drift-check.js";
import { noCustomColumns } from "../records/custom-columns.js";
import { shippedCatalog } from "../records/definitions/definitions.js";
import { noSuppressedRows } from "../suppressions/suppressed-rows.js";
import { landFeed } from "../sync/read/land-feed.js";
import { openRun } from "../testing/storage/open-run.js";
import { defineFeed } from "./feed.js";
import { id, namedField, text } from "./fields.js";

/** All there is to a feed that this library does not know. */
const payments = defineFeed({
  name: "payments",
  module: "accounting",
  path: "payments",
  listQuery: { activeState: "All" },
  listSort: "+Id",
  scope: "tn.acc.payments:r",
  schema: z.object({ id, total: text, customer: namedField, modifiedOn: text }),
  fields: { always: "id active createdOn modifiedOn", sometimes: "total customer type appliedTo" },
  links: { customer: { feed: "customers", field: "customer.id" } },
});

const scope = { companyId: "acme", environment: "production", tenantId: "77" } as const;

function payment(number: number, total: string) {
  const date = "2026-01-01T00:00:00Z";
  return {
    id: number,
    active: true,
    createdOn: date,
    modifiedOn: date,
    total,
    customer: { id: 9, name: "x" },
  };
}

async function read(script: readonly unknown[], range: SyncRange | null = null) {
  const clock = createFakeClock();
  const storage = memoryStorage({ clock });
  const client = createScriptedClient(script);
  const { lease, run } = await openRun(storage, { scope, request: { range } });
  const { request } = run;
  const figures = createRunTally(run);
  const signal = new AbortController().signal;
  const silent = {
    emit: () => undefined,
    warn: () => undefined,
    movedOn: () => undefined,
    catalog: shippedCatalog,
    company: { columns: noCustomColumns },
  };
  await landFeed(
    { storage, client, clock, signal, lease, ownedSince: run.updatedAt, scope, request, figures, ...silent },
    { feed: payments, cursor: null, touches: [], range, isAgain: false, used: [] },
    {
      budget: createByteBudget(1024 * 1024),
      drift: createDriftCheck(),
      sizes: defaultReadingSizes,
      suppressed: noSuppressedRows,
      parallelBackfill: true,
    },
  );
  return { storage, paths: client.sent.map((sent) => sent.path), figures: figures.feed("payments") };
}

describe("a feed that is defined outside this library's files", () => {
  test("is read from its export, checked, landed with its links, and continued from its cursor", async () => {
    const { storage, paths, figures } = await read([
      { hasMore: true, continueFrom: "a", data: [payment(1, "5.00"), { id: 2, total: 7 }] },
      { hasMore: false, continueFrom: "b", data: [payment(3, "6.00")] },
    ]);
    expect(paths[0]).toBe("accounting/v2/tenant/77/export/payments");
    expect(figures).toMatchObject({ pages: 2, read: 3, landed: 2, rejected: 1 });
    const ofCustomer = await storage.findEntitiesByLink({
      scope,
      feed: "payments",
      link: "customer",
      ids: ["9"],
    });
    expect(ofCustomer.map((entity) => JSON.parse(entity.payload))).toEqual([
      payment(1, "5.00"),
      payment(3, "6.00"),
    ]);
    const { items } = await storage.listRejections({ feed: "payments" }, { limit: 10 });
    expect(items).toMatchObject([{ entityId: "2", stage: "structure" }]);
    expect((await storage.findCursors(scope)).get("payments")?.token).toBe("b");
  });

  test("is read from its list for a range", async () => {
    const range = { from: "2026-01-01T00:00:00.000Z", to: null, by: "created" } as const;
    const { paths, figures } = await read(
      [{ page: 1, hasMore: false, totalCount: 1, data: [payment(1, "5.00")] }],
      range,
    );
    expect(paths).toEqual(["accounting/v2/tenant/77/payments"]);
    expect(figures.landed).toBe(1);
  });
});
