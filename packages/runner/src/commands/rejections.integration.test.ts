import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSimulator, startSimulatorServer } from "@titan-sync/simulator";
import { expect, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../../../../test/postgres/database.js";
import { testContext } from "../__fixtures__/context.js";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { runTitanSync } from "../run-titan-sync.js";

/** The program with a connected company in a database of its own. */
async function connected() {
  const database = await createTestDatabase({ empty: true });
  onTestFinished(() => database.drop());
  const simulator = createSimulator({ rateLimitPerSecond: null, tenants: [{ customers: 60, invoices: 60 }] });
  const server = await startSimulatorServer(simulator);
  onTestFinished(() => server.close());
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const directory = await temporaryDirectory();
  const environment = {
    TITAN_SYNC_DATABASE_URL: database.url,
    TITAN_SYNC_API_URL: server.url,
    TITAN_SYNC_AUTH_URL: server.url,
    TITAN_SYNC_CLIENT_SECRET: tenant.clientSecret,
    TITAN_SYNC_APP_KEY: tenant.appKey,
  };
  const run = async (...args: readonly string[]) => {
    const context = testContext({ environment, workingDirectory: directory });
    const exitCode = await runTitanSync({ ...context, argv: args });
    return { exitCode, stdout: context.stdout.text(), stderr: context.stderr.text() };
  };
  const must = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect({ args, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({
      args,
      exitCode: 0,
      stderr: "",
    });
    return stdout;
  };
  await must("init");
  const credential = ["--company", "acme", "--tenant", tenant.tenantId, "--client-id", tenant.clientId];
  await must("credential", "add", ...credential, "--environment", tenant.environment, "--trade", "HVAC");
  return {
    run,
    must,
    configure: (text: string) => writeFile(join(directory, "titan-sync.config.js"), text),
  };
}

it("counts, exports and replays rejections after the configuration file made the rules of a company milder", async () => {
  const { must, configure } = await connected();
  await must("sync", "--data", "both", "--json");
  const { items } = JSON.parse(await must("rejections", "count", "--json"));
  const total = items.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
  expect(total).toBeGreaterThan(0);

  const lines = (await must("rejections", "export")).trim().split("\n");
  expect(lines).toHaveLength(total);
  expect(JSON.parse(lines[0] ?? "")).not.toHaveProperty("payload");
  const [whole = ""] = (await must("rejections", "export", "--with-payload")).split("\n");
  expect(JSON.parse(JSON.parse(whole).payload)).toHaveProperty("id");

  const rules = { names: "warn", address: "warn", total: "warn", required: "warn" };
  await configure(`export default { companies: { acme: { rules: ${JSON.stringify(rules)} } } };`);
  const last = (await must("rejections", "replay", "--json")).trim().split("\n").at(-1) ?? "";
  expect(JSON.parse(last)).toMatchObject({
    event: "run:end",
    status: "completed",
    successful: total,
    failed: 0,
  });
  expect(await must("rejections", "count")).toBe("Nothing is rejected.\n");
});

it("tells every mistake in what the configuration file says of companies", async () => {
  const { run, configure } = await connected();
  await configure(`export default { companies: {
    acme: { tradename: "HVAC", rules: { phones: "strict" } },
    birch: { mapping: { member: { gate: "customer.customfields[0].value" } } },
  } };`);
  const { exitCode, stderr } = await run("rejections", "count");
  expect(exitCode).toBe(2);
  for (const mistake of ["acme.tradename", "acme.rules.phones", "birch.mapping.member.gate"]) {
    expect(stderr).toContain(`companies.${mistake}`);
  }
});
