import { type RecordSink, type RecordType, silentLogger } from "@titan-sync/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openMemoryStores } from "./memory-stores.js";
import { createWorld, type Stores } from "./world.js";

let stores: Stores;
beforeAll(async () => {
  stores = await openMemoryStores();
});
afterAll(() => stores.close());

test("members and invoices are delivered in parallel, each in consecutive batches", async () => {
  const bothAreHere = Promise.withResolvers<void>();
  const writing = new Map<RecordType, number>([
    ["member", 0],
    ["invoice", 0],
  ]);
  const sink: RecordSink = async ({ record }) => {
    const inHand = (writing.get(record) ?? 0) + 1;
    writing.set(record, inHand);
    if ([...writing.values()].every((count) => count > 0)) bothAreHere.resolve();
    await bothAreHere.promise;
    expect(inHand).toBe(1);
    writing.set(record, 0);
    return { rejected: [] };
  };
  const world = await createWorld(stores, { titan: { sink, batchSize: 15 } });
  expect(await world.sync()).toMatchObject({ status: "completed", error: null });
});

test("a failure of one record type does not affect the other, and the next run delivers the rest", async () => {
  const delivered = { member: new Set<string>(), invoice: new Set<string>() };
  let isBroken = true;
  const sink: RecordSink = async ({ record, items }) => {
    if (isBroken && record === "member") throw new Error("the members' pipeline is down");
    for (const { key } of items) delivered[record as keyof typeof delivered].add(key);
    return { rejected: [] };
  };
  const world = await createWorld(stores, { titan: { sink, batchSize: 15 } });
  const failed = await world.sync();
  expect(failed).toMatchObject({ status: "failed", error: { code: "SINK" } });
  expect(delivered.invoice.size).toBe(failed.ledger.records.invoice?.delivered);
  expect(delivered.invoice.size).toBeGreaterThan(70);
  expect(delivered.member.size).toBe(0);

  isBroken = false;
  const next = await world.sync();
  expect(next.status).toBe("completed");
  expect(next.ledger.records.invoice?.delivered ?? 0).toBe(0);
  expect(delivered.member.size).toBe(next.ledger.records.member?.delivered);
  expect(delivered.member.size).toBeGreaterThan(30);
});

test("a run that is canceled after something has failed ends failed", async () => {
  const hasFailed = Promise.withResolvers<void>();
  let cancel = (): void => undefined;
  const sink: RecordSink = async ({ record }) => {
    if (record === "member") throw new Error("the members' pipeline is down");
    await hasFailed.promise;
    cancel();
    return { rejected: [] };
  };
  let attempts = 0;
  const error = (): void => {
    attempts += 1;
    // The last one of its batch.
    if (attempts === 4) hasFailed.resolve();
  };
  const logger = { ...silentLogger, error };
  const world = await createWorld(stores, { titan: { sink, logger, batchSize: 15 } });
  const run = await world.titan.sync({ credentialId: world.credentialId });
  cancel = () => run.cancel();
  expect(await run.result).toMatchObject({ status: "failed", error: { code: "SINK" } });
});
