import { expect, test } from "vitest";
import { AbortedError } from "../../errors.js";
import type { NewRejection } from "../../ports/rejection-store.js";
import type { HeldRecord } from "../../ports/sink-reader.js";
import { plansFor } from "../../records/definitions/catalog.js";
import { shippedCatalog } from "../../records/definitions/definitions.js";
import { createDeriveWorld } from "../__fixtures__/derive-world.js";
import { findUnknownRecords } from "../derive/compare-sink.js";
import { replayRejections } from "../read/replay-rejections.js";
import type { RunContext } from "./run-context.js";

/** A slice that stops as soon as something has moved on. */
function sliceOf(context: RunContext): RunContext {
  const stop = new AbortController();
  return { ...context, signal: stop.signal, movedOn: () => stop.abort(new AbortedError("paused")) };
}

test("replaying continues where it stopped: no slice starts again at the first rejection", async () => {
  const { context } = await createDeriveWorld({}, { maxBytes: 1_000_000, batchSize: 10 });
  const rejections = Array.from({ length: 250 }, (_, index): NewRejection => {
    const payload = JSON.stringify({ id: index + 1, name: { broken: true } });
    const entityId = String(index + 1);
    return { feed: "zones", entityId, stage: "structure", rules: ["structure"], message: "Broken.", payload };
  });
  const { lease, scope, storage } = context;
  await storage.landRows({
    lease,
    scope,
    feed: "zones",
    source: "list",
    entities: [],
    rejections,
    touches: [],
    repeated: 0,
    cursor: null,
    endsPage: true,
    markSeen: false,
    healsBefore: null,
  });
  const asked: (string | null)[] = [];
  const left: (number | null)[] = [];
  const watched: RunContext = {
    ...context,
    warn: ({ count }) => left.push(count),
    storage: {
      ...storage,
      async listRejections(filter, page) {
        asked.push(page.cursor ?? null);
        return await storage.listRejections(filter, page);
      },
    },
  };
  let slices = 0;
  for (let isOver = false; !isOver && slices < 10; slices += 1) {
    isOver = await replayRejections(sliceOf(watched), []).then(
      () => true,
      () => false,
    );
  }
  expect(slices).toBe(3);
  expect(asked).toHaveLength(3);
  expect(new Set(asked).size).toBe(3);
  expect(left).toEqual([250]);
});

test("comparing a full sync with the sink continues where it stopped", async () => {
  const { context } = await createDeriveWorld({}, { maxBytes: 1_000_000, batchSize: 10 });
  const held = Array.from(
    { length: 5000 },
    (_, index): HeldRecord => ({ key: String(index + 1), revision: 1 }),
  );
  const asked: (string | null)[] = [];
  const watched: RunContext = {
    ...context,
    request: { ...context.request, mode: "full", range: null },
    storage: {
      ...context.storage,
      findDeliveredRecords: async ({ ids }) =>
        ids.map((id) => ({ id, revision: 1, removed: false, contentHash: "same" })),
    },
    sink: {
      ...context.sink,
      reader: {
        find: async () => [],
        async list({ after, limit }) {
          asked.push(after);
          const start = after === null ? 0 : Number(after);
          return held.slice(start, start + limit);
        },
      },
    },
  };
  const [plan] = plansFor(shippedCatalog, "customers");
  if (plan === undefined) throw new Error("There is no plan.");
  for (let slices = 0; slices < 10; slices += 1) {
    const unknown: unknown[] = [];
    try {
      for await (const some of findUnknownRecords(sliceOf(watched), plan)) unknown.push(...some);
      break;
    } catch (error) {
      expect(error).toBeInstanceOf(AbortedError);
    }
    expect(unknown).toEqual([]);
  }
  expect(asked).toEqual([null, "2000", "4000", "5000"]);
});
