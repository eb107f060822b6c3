import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseCsv } from "./csv.js";
import { installReady } from "./installation.js";

describe("an export", () => {
  it("has the host's columns in their order, then the id in ServiceTitan, and one version per run", async () => {
    const installation = await installReady({ simulator: { tenants: [{ customers: 30, invoices: 40 }] } });
    await installation.connect("acme");
    const startedAt = Math.floor(Date.now() / 1000);
    await installation.must(["sync", "--data", "both"]);
    const members = await installation.must(["export", "members"]);
    expect(members.slice(0, members.indexOf("\r\n"))).toBe(
      "tenant,trade,software,customer_id,customer_name,customer_first_name,customer_last_name," +
        "customer_phone_numbers,customer_phone_number_primary,street,unit,city,state,zip,country," +
        "hub_plus_import_id,active_member,membership_type,current_status,version,source_id",
    );
    const invoices = await installation.must(["export", "invoices"]);
    expect(invoices.slice(0, invoices.indexOf("\r\n"))).toBe(
      "tenant,trade,software,customer_id,customer_name,customer_first_name,customer_last_name," +
        "customer_phone_numbers,customer_phone_number_primary,street,unit,city,state,zip,country," +
        "hub_plus_import_id,invoice_number,invoice_summary,job_number,job_type,zone,total,first_appointment," +
        "summary,source_id",
    );
    const versions = new Set(parseCsv(members).map((row) => Number(row["version"])));
    expect(versions.size).toBe(1);
    const [version = 0] = versions;
    expect(version).toBeGreaterThanOrEqual(startedAt);
    expect(version).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
  });

  it("contains the same as JSON lines, in a file that appears whole, for one company or all", async () => {
    const installation = await installReady({
      simulator: {
        tenants: [
          { customers: 20, invoices: 25 },
          { customers: 10, invoices: 12 },
        ],
      },
    });
    await installation.connect("alpha", 0);
    await installation.connect("beta", 1);
    await installation.must(["sync", "--all", "--data", "both"]);
    const csv = parseCsv(await installation.must(["export", "invoices"]));
    await installation.must(["export", "invoices", "--format", "jsonl", "--out", "invoices.jsonl"]);
    const text = await readFile(join(installation.directory, "invoices.jsonl"), "utf8");
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const asText = lines.map((line) => ({ ...line, total: null }));
    expect(asText).toEqual(csv.map((row) => ({ ...row, total: null })));
    expect(lines.map((line) => line.total)).toEqual(csv.map((row) => Number(row["total"])));

    const alone = parseCsv(await installation.must(["export", "invoices", "--company", "beta"]));
    expect(alone).toEqual(csv.filter((row) => row["tenant"] === "beta"));
    expect(alone.length).toBeGreaterThan(0);
    expect(alone.length).toBeLessThan(csv.length);
  });
});
