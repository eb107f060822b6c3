import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkOptions } from "./check-options.js";
import { generateEncryptionKey } from "./crypto/generate-key.js";
import { staticKeys } from "./crypto/static-keys.js";
import { ConfigError } from "./errors.js";
import { defineFeed } from "./feeds/feed.js";
import { id, text } from "./feeds/fields.js";
import { memoryStorage } from "./memory/memory-storage.js";
import { defineRecord } from "./records/definitions/own-record.js";
import type { TitanSyncOptions } from "./titan-sync-options.js";

const usable: TitanSyncOptions = {
  storage: memoryStorage(),
  keys: staticKeys(generateEncryptionKey()),
  sink: async () => ({ rejected: [] }),
};

const technician = defineRecord({
  type: "technician",
  driver: defineFeed({
    name: "technicians",
    module: "settings",
    path: "technicians",
    scope: "tn.stg.technicians:r",
    schema: z.object({ id, name: text }),
    fields: { always: "id name", sometimes: "" },
  }),
  driverName: "technician",
  relations: {},
  columns: { name: { from: "`technician.name`", reads: ["technician.name"] } },
  map: ({ technician: { name } }) => ({ name }),
});

function refusalOf(options: Readonly<Record<string, unknown>>): string {
  try {
    checkOptions(options as unknown as TitanSyncOptions);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}

describe("the options of createTitanSync", () => {
  it("require storage, keys and a sink; the rest have defaults", () => {
    expect(checkOptions(usable)).toEqual({
      requestsPerSecond: 55,
      maxConcurrentRequests: 32,
      leaseMs: 30_000,
      sinkTimeoutMs: 300_000,
      batchSize: 2000,
      maxBytesInFlight: 64 * 1024 * 1024,
      parallelBackfill: true,
    });
  });

  it("are refused with all problems at once, and how to fix them", () => {
    const refusal = refusalOf({ sink: "pipeline", leaseMs: 10, batchsize: 5 });
    expect(refusal).toContain("storage is missing: pass memoryStorage()");
    expect(refusal).toContain("keys is missing: pass staticKeys(text)");
    expect(refusal).toContain("sink is invalid: pass async (batch)");
    expect(refusal).toContain("leaseMs: ");
    expect(refusal).toContain("batchsize is not an option");
  });

  it("are refused if record types are invalid, or the sink does not accept them", () => {
    expect(refusalOf({ ...usable, records: [{}] })).toContain("records[0]: pass what defineRecord returned");
    expect(refusalOf({ ...usable, records: technician })).toContain("records is invalid");
    const sink = { write: usable.sink, recordTypes: ["member", "invoice"] };
    expect(refusalOf({ ...usable, sink })).toBe("");
    expect(refusalOf({ ...usable, sink, records: [technician] })).toContain(
      "sink takes no technician records, only member, invoice",
    );
  });

  it("are refused if the sink's record types are not a list", () => {
    for (const recordTypes of ["member", 5, null, {}]) {
      const sink = { write: usable.sink, recordTypes };
      expect(refusalOf({ ...usable, sink })).toContain("sink.recordTypes is invalid");
    }
  });

  it.each([
    ["requestsPerSecond", 0],
    ["requestsPerSecond", 1.5],
    ["leaseMs", "30s"],
    ["batchSize", 10_001],
    ["maxBytesInFlight", 5],
    ["parallelBackfill", "yes"],
    ["storage", {}],
    ["keys", "id:base64"],
    ["sink", { writes: () => undefined }],
    ["company", "acme"],
    ["logger", console.log],
    ["progress", [() => undefined, "bars"]],
    ["endpoints", "http://localhost"],
    ["retry", 3],
    ["clock", Date],
    ["fetch", "fetch"],
    ["random", 0.5],
    ["newId", "id"],
  ])("name %s when it is %j", (name, value) => {
    expect(refusalOf({ ...usable, [name]: value })).toMatch(
      new RegExp(`^createTitanSync cannot start: ${name}`),
    );
  });

  it("may be undefined", () => {
    const options = { ...usable, logger: undefined, company: undefined, batchSize: undefined };
    expect(checkOptions(options).batchSize).toBe(2000);
  });

  it("accept a sink object, several reporters, and parts with extra members", () => {
    class HostSink {
      async write() {
        return { rejected: [] };
      }
    }
    const options = { ...usable, sink: new HostSink(), progress: [() => undefined, () => undefined] };
    expect(checkOptions(options).leaseMs).toBe(30_000);
  });
});
