import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { generateEncryptionKey } from "@titan-sync/core";
import { createSimulator, startSimulatorServer } from "@titan-sync/simulator";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { compilerErrors } from "../../../test/readme/readme-example.js";

// Inside the package, so that its own name and dependencies resolve as a reader's would.
const folder = fileURLToPath(new URL("../.reports/readme/", import.meta.url));
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text]) => ({
  language,
  text: text ?? "",
}));
const files = blocks.map((_block, index) => `${folder}block-${index + 1}.ts`);
const [mounting = "", asking = "", settings = ""] = files;

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const [index, { text }] of blocks.entries()) {
    // A block that imports nothing is a module all the same.
    writeFileSync(files[index] ?? "", text.includes("import ") ? text : `${text}\nexport {};\n`);
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

it("shows only programs, all of which run here", () => {
  expect(blocks.map((block) => block.language)).toEqual(["ts", "ts", "ts"]);
});

it("shows programs that compile", () => {
  expect([...compilerErrors(files)]).toEqual(files.map((file) => [file, []]));
});

it("shows a host and a client that sync a tenant and follow it live", async () => {
  const simulator = createSimulator({ tenants: [{ customers: 20, invoices: 30 }] });
  const server = await startSimulatorServer(simulator);
  const port = await freePort();
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const [tenant] = simulator.tenants;
  vi.stubEnv("TITAN_SYNC_API_URL", server.url);
  vi.stubEnv("TITAN_SYNC_AUTH_URL", server.url);
  vi.stubEnv("TITAN_SYNC_ENCRYPTION_KEYS", generateEncryptionKey());
  vi.stubEnv("PORT", String(port));
  vi.stubEnv("HOST_URL", `http://127.0.0.1:${port}`);
  vi.stubEnv("SERVICETITAN_TENANT", tenant?.tenantId);
  vi.stubEnv("SERVICETITAN_CLIENT_ID", tenant?.clientId);
  vi.stubEnv("SERVICETITAN_CLIENT_SECRET", tenant?.clientSecret);
  vi.stubEnv("SERVICETITAN_APP_KEY", tenant?.appKey);
  try {
    await import(/* @vite-ignore */ mounting);
    await import(/* @vite-ignore */ asking);

    const lines = printed.mock.calls;
    expect(lines).toContainEqual(["acme", "member", expect.any(Number)]);
    expect(lines.flat().join("")).toMatch(/event: run:end\ndata: .*"status":"completed"/);
  } finally {
    process.emit("SIGTERM");
    await vi.waitUntil(async () => !(await isTaken(port)), { timeout: 250_000 });
    vi.unstubAllEnvs();
    printed.mockRestore();
    await server.close();
  }
});

it("shows options that behave as the text says", async () => {
  const { options } = await import(/* @vite-ignore */ settings);
  const question = { principal: { id: "ann", companies: {} }, permission: "view", operation: "getSync" };
  expect(await options.authorize({ ...question, companyId: "acme" })).toBe(true);
  expect(await options.authorize({ ...question, companyId: "frozen" })).toBe(false);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isTaken(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}
