import { describe, expect, it } from "vitest";
import { namedByRaw, ownershipIn } from "../feeds/customer-links.js";
import type { ErasureReader, LinkedEntity, RejectedRow } from "../ports/erasure-store.js";
import { feeds, type KnownFeedName, shippedCatalog } from "../records/definitions/definitions.js";
import { findOwned } from "./owned-data.js";

type Rows = Partial<
  Record<KnownFeedName, readonly { readonly id: number; readonly [field: string]: unknown }[]>
>;

/** A reader of these rows, as they would have landed, and of these broken ones. */
function readerOf(rows: Rows, broken: readonly Partial<RejectedRow>[] = []): ErasureReader {
  const landed = (feed: string): readonly LinkedEntity[] =>
    (rows[feed as KnownFeedName] ?? []).map((row) => ({
      id: String(row.id),
      links: namedByRaw(feeds[feed as KnownFeedName], String(row.id), row).links,
    }));
  const rejections = broken.map(
    (row, index): RejectedRow => ({
      id: String(index + 1),
      feed: "invoices",
      entityId: "1",
      stage: "structure",
      payload: "{}",
      ...row,
    }),
  );
  return {
    findEntities: async ({ feed, ids }) => landed(feed).filter(({ id }) => ids.includes(id)),
    findEntitiesByLink: async ({ feed, link, ids }) =>
      landed(feed).filter(({ links }) => ids.includes(links[link] ?? "")),
    listRejections: async ({ after }) => rejections.filter(({ id }) => Number(id) > Number(after ?? 0)),
    findDeliveredRecords: async () => [],
    findDeliveredContaining: async () => [],
    listStagedBatches: async () => [],
    minRevision: async () => 0,
  };
}

async function ownedIn(rows: Rows, broken: readonly Partial<RejectedRow>[] = []) {
  const { entities, unnamed, rejections, unattributable, refused, refusedOfOthers } = await findOwned(
    ownershipIn(shippedCatalog.feeds),
    readerOf(rows, broken),
    "7",
  );
  return {
    entities: Object.fromEntries([...entities].map(([feed, ids]) => [feed, [...ids].sort()])),
    unnamed: unnamed.map(({ feed, id }) => `${feed} ${id}`).sort(),
    rejections,
    unattributable,
    refused,
    refusedOfOthers: refusedOfOthers.map(({ entityId }) => entityId),
  };
}

const nothingElse = { unnamed: [], rejections: [], unattributable: [], refused: [], refusedOfOthers: [] };

describe("what is a customer's", () => {
  it("includes rows that name it or a duplicate that was merged into it", async () => {
    const rows: Rows = {
      customers: [{ id: 7 }, { id: 6, mergedToId: 7 }, { id: 5, mergedToId: 6 }, { id: 8 }],
      "customer-contacts": [
        { id: 70, customerId: 7 },
        { id: 50, customerId: 5 },
        { id: 80, customerId: 8 },
      ],
      invoices: [{ id: 71, customer: { id: 7 } }],
    };
    expect(await ownedIn(rows)).toEqual({
      ...nothingElse,
      entities: { customers: ["5", "6", "7"], "customer-contacts": ["50", "70"], invoices: ["71"] },
    });
  });

  it("includes rows linked to it in either direction, over any number of steps", async () => {
    const rows: Rows = {
      invoices: [
        { id: 71, customer: { id: 7 }, job: { id: 50 } },
        { id: 72, customer: null, job: { id: 50 } },
        { id: 73, customer: null, location: { id: 60 } },
      ],
      jobs: [{ id: 50, firstAppointmentId: 90 }],
      appointments: [{ id: 90 }],
      locations: [{ id: 60, customerId: 7, zoneId: 1 }],
      zones: [{ id: 1 }],
    };
    expect(await ownedIn(rows)).toEqual({
      ...nothingElse,
      entities: {
        customers: ["7"],
        invoices: ["71", "72", "73"],
        jobs: ["50"],
        appointments: ["90"],
        locations: ["60"],
      },
      unnamed: ["appointments 90", "invoices 72", "invoices 73", "jobs 50"],
    });
  });

  it("excludes rows that another customer's row names, and rows that name another customer", async () => {
    const rows: Rows = {
      invoices: [
        { id: 71, customer: { id: 7 }, job: { id: 50 } },
        { id: 81, customer: { id: 8 }, job: { id: 50 } },
        { id: 82, customer: { id: 8 }, location: { id: 60 } },
      ],
      jobs: [{ id: 50 }],
      locations: [{ id: 60, customerId: 7 }],
    };
    expect(await ownedIn(rows)).toEqual({
      ...nothingElse,
      entities: { customers: ["7"], invoices: ["71"], locations: ["60"] },
    });
  });

  it("includes rejected rows that name it, however broken, or are linked to it, and their jobs", async () => {
    const rows: Rows = {
      jobs: [{ id: 50, customerId: 7 }, { id: 51 }],
      invoices: [{ id: 9, customer: { id: 8 } }],
    };
    const broken = [
      { entityId: "11", payload: '{"customer":{"id":"7"},"job":{"id":51}}' },
      { entityId: "12", payload: '{"customer":null,"job":{"id":50}}' },
      { entityId: "13", payload: '{"customer":{"id":8}}' },
      { entityId: "14", stage: "sink" as const, payload: '{"customer_id":"7"}' },
      { entityId: "15", stage: "sink" as const, payload: '{"customer_id":"8"}' },
      { feed: "customers", entityId: "7", payload: null },
    ];
    expect(await ownedIn(rows, broken)).toEqual({
      entities: { customers: ["7"], jobs: ["50", "51"] },
      unnamed: ["invoices 12", "jobs 51"],
      rejections: ["1", "4", "6", "2"],
      unattributable: [],
      refused: [{ feed: "invoices", id: "14" }],
      refusedOfOthers: ["15"],
    });
  });

  it("may include a broken row that names nobody, unless landed rows show whose it is", async () => {
    const rows: Rows = { jobs: [{ id: 80, customerId: 8 }], invoices: [{ id: 9, customer: { id: 8 } }] };
    const broken = [
      { entityId: "21", payload: '{"job":"broken","customer":null}' },
      { entityId: "22", payload: '{"job":{"id":80}}' },
      { entityId: "9", payload: '{"customer":null}' },
      { entityId: "unknown-1", payload: "[]" },
      { feed: "zones", entityId: "3", payload: '{"name":5}' },
    ];
    expect((await ownedIn(rows, broken)).unattributable).toEqual(["1", "4"]);
  });
});
