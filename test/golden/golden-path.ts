import { createTitanSync, generateEncryptionKey, type RecordType, staticKeys } from "@titan-sync/core";
import { createSimulator } from "@titan-sync/simulator";
import Big from "big.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type GoldenCase,
  type GoldenEntities,
  goldenCases,
} from "../../packages/core/src/records/__fixtures__/golden-cases.js";
import type { Row, Stores } from "../sync/world.js";

/** The order in which a page brings a case's rows. */
type RowOrder = "as written" | "reversed";

/** The hand-written cases end to end: real API responses, storage, sink. */
export function describeGoldenPath(
  name: string,
  open: () => Promise<Stores>,
  orders: readonly RowOrder[] = ["as written", "reversed"],
): void {
  describe(`golden cases on ${name}`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(async () => {
      await stores.close();
    });

    for (const [file, record] of [
      ["members", "member"],
      ["invoices", "invoice"],
    ] as const) {
      const cases = goldenCases(file).map((golden, index) => [golden.name, golden, index] as const);
      describe(file, () => {
        test.each(cases)("%s", async (_title, golden, index) => {
          for (const order of orders) {
            const entities = order === "reversed" ? reversed(golden.entities) : golden.entities;
            await runCase(stores, golden, record, `${file}-${index}-${order}`, entities);
          }
        });
      });
    }
  });
}

/** Each run is its own company to which nothing has been delivered before. */
async function runCase(
  stores: Stores,
  golden: GoldenCase,
  record: RecordType,
  companyId: string,
  entities: GoldenEntities,
): Promise<void> {
  const simulator = createSimulator({ tenants: [{ entities }], rateLimitPerSecond: null });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const { trade, importId, timeZone, options } = golden.company;
  await using titan = createTitanSync({
    storage: stores.storage,
    sink: stores.sink,
    keys: staticKeys(generateEncryptionKey()),
    company: async () => ({ trade, importId, timeZone, rules: options }),
    fetch: (input, init) => simulator.handle(new Request(input, init)),
    requestsPerSecond: 1000,
  });
  const { id: credentialId } = await titan.credentials.create({ companyId, ...tenant });
  const run = await titan.sync({ credentialId, data: record === "member" ? "customers" : "invoices" });
  expect(await run.result).toMatchObject({ status: "completed", error: null });

  const rows = await stores.records(record, companyId);
  const delivered = [...rows].map(([sourceId, row]) => {
    expect(row["tenant"]).toBe(companyId);
    return comparable({ ...row, tenant: golden.company.id, source_id: sourceId }, stores.totals);
  });
  expect(byId(delivered)).toEqual(byId(golden.expect.records.map((row) => comparable(row, stores.totals))));

  const { items } = await titan.rejections.list({ companyId }, { limit: 100 });
  expect(items.map((item) => `${item.feed}/${item.entityId}`).sort()).toEqual(
    golden.expect.rejections.map((rejection) => `${rejection.feed}/${rejection.id}`).sort(),
  );
  for (const { id, rule, mentions } of golden.expect.rejections) {
    const rejection = items.find((item) => item.entityId === id);
    expect(rejection?.rules).toEqual([rule]);
    for (const word of mentions) expect(rejection?.message).toContain(word);
  }
}

function reversed(entities: GoldenEntities): GoldenEntities {
  const copy = structuredClone(entities);
  for (const rows of Object.values(copy)) rows.reverse();
  return copy;
}

/** Phones as a list; totals as exact decimals, or as the nearest double where a column is one. */
function comparable(row: Row, totals: Stores["totals"]): Row {
  const phones = row["customer_phone_numbers"];
  const total = row["total"];
  return {
    ...row,
    customer_phone_numbers:
      typeof phones === "string" ? phones.split(",").map((phone) => phone.trim()) : phones,
    ...(total === undefined || total === null
      ? {}
      : { total: totals === "double" ? Number(total) : new Big(String(total)).toFixed() }),
  };
}

function byId(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((left, right) => (String(left["source_id"]) < String(right["source_id"]) ? -1 : 1));
}
