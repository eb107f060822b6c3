import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createSimulator, startSimulatorServer } from "@titan-sync/simulator";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { compilerErrors, exampleFile, readmeExample } from "./readme-example.js";

const mistakenFile = exampleFile.replace("example.ts", "mistaken-example.ts");

beforeAll(() => {
  mkdirSync(dirname(exampleFile), { recursive: true });
  writeFileSync(exampleFile, readmeExample());
});

afterAll(() => {
  rmSync(dirname(exampleFile), { recursive: true });
});

it("shows an example of at most 25 lines", () => {
  expect(readmeExample().trimEnd().split("\n").length).toBeLessThanOrEqual(25);
});

it("shows an example that compiles, as it would not with a wrong name or type", () => {
  writeFileSync(mistakenFile, readmeExample().replace("credential.id", "credential.identity"));
  const errors = compilerErrors([exampleFile, mistakenFile]);
  expect(errors.get(exampleFile)).toEqual([]);
  expect(errors.get(mistakenFile)).toEqual([expect.stringContaining("identity")]);
});

it("shows an example that syncs every customer and invoice of a tenant", async () => {
  const simulator = createSimulator({ tenants: [{ customers: 30, invoices: 40 }] });
  const server = await startSimulatorServer(simulator);
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const [tenant] = simulator.tenants;
  vi.stubEnv("TITAN_SYNC_API_URL", server.url);
  vi.stubEnv("TITAN_SYNC_AUTH_URL", server.url);
  vi.stubEnv("SERVICETITAN_TENANT", tenant?.tenantId);
  vi.stubEnv("SERVICETITAN_CLIENT_ID", tenant?.clientId);
  vi.stubEnv("SERVICETITAN_CLIENT_SECRET", tenant?.clientSecret);
  vi.stubEnv("SERVICETITAN_APP_KEY", tenant?.appKey);
  try {
    await import(/* @vite-ignore */ exampleFile);

    const lines = printed.mock.calls;
    const [status, records] = lines.at(-1) ?? [];
    expect(status).toBe("completed");
    expect(records).toMatchObject({ member: { derived: 30 }, invoice: { derived: 40 } });
    expect(lines.filter(([record, op]) => record === "member" && op === "upsert").length).toBe(
      records.member.delivered,
    );
    expect(records.member.delivered).toBeGreaterThan(0);
    expect(records.invoice.delivered).toBeGreaterThan(0);
  } finally {
    vi.unstubAllEnvs();
    printed.mockRestore();
    await server.close();
  }
});
