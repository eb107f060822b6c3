import { expect, it } from "vitest";
import { connectedProgram } from "../__fixtures__/connected-program.js";

it("syncs and queues what is selected by companies and states, and sums it up", async () => {
  const { run, must } = await connectedProgram({ embedded: true });
  const both = ["--data", "both"];
  const never = await must("sync", "--all", "--state", "never", ...both);
  expect(never).toContain("acme production: completed");
  const none = await run("sync", "--all", "--state", "never", "failing", ...both);
  expect(none).toMatchObject({ exitCode: 0, stdout: "\n0 credentials: nothing was synced.\n" });
  const several = await run("sync", "--company", "acme", "--company", "other", ...both);
  expect([several.exitCode, several.stderr]).toEqual([2, expect.stringContaining("Company other has no")]);
  const wrong = await run("sync", "--state", "fresh", ...both);
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("--state requires")]);

  const queued = JSON.parse(await must("schedule", "run", "--all", "--state", "fresh", "--json"));
  expect(queued).toMatchObject({
    items: [{ companyId: "acme", status: "queued", runId: expect.any(String) }],
    isWorkerAlive: false,
  });
  expect(await must("schedule", "run", "--company", "acme")).toContain("waiting already");
  const nothing = await run("schedule", "run");
  expect([nothing.exitCode, nothing.stderr]).toEqual([2, expect.stringContaining("Say what to sync.")]);
}, 120_000);
