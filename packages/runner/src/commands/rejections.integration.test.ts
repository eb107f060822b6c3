import { expect, it } from "vitest";
import { connectedProgram } from "../__fixtures__/connected-program.js";

it("counts, exports and replays rejections after the configuration file relaxed a company's rules", async () => {
  const { must, configure } = await connectedProgram();
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
  expect(await must("rejections", "count")).toBe("No rejections.\n");
  expect((await must("history", "--limit", "1")).split(/\s{2,}/)).toContain("replay");
});

it("dismisses rejections that are correct, which the audit log records", async () => {
  const { run, must, pool } = await connectedProgram();
  await must("sync", "--data", "both", "--json");
  const listed = JSON.parse(await must("rejections", "list", "--json"));
  const [first, ...others] = listed.items.map(({ id }: { id: string }) => id);
  expect(others.length).toBeGreaterThan(0);

  expect((await run("rejections", "dismiss", "--yes")).exitCode).toBe(2);
  expect((await run("rejections", "dismiss", first)).stderr).toContain("--yes");
  const reason = ["--reason", "never had an address"];
  const one = await run("rejections", "dismiss", first, "987654321", ...reason, "--yes", "--json");
  expect(one.exitCode).toBe(1);
  expect(JSON.parse(one.stdout)).toEqual({ dismissed: [first], unknown: ["987654321"] });
  expect(JSON.parse(await must("rejections", "list", "--json")).items).toHaveLength(others.length);

  expect(await must("rejections", "dismiss", "--all", "--company", "nobody", "--yes")).toMatch(/ 0 /);
  await must("rejections", "dismiss", "--all", "--company", "acme", "--yes");
  expect(await must("rejections", "count")).toBe("No rejections.\n");
  const { rows } = await pool.query(
    "SELECT actor, subject, details FROM titan_sync.audit WHERE action = 'rejection:dismiss' ORDER BY entry_id",
  );
  expect(rows).toHaveLength(listed.items.length);
  expect(rows[0]).toMatchObject({ actor: "cli", subject: first, details: { reason: reason[1] } });
});

it("prunes history of the given age, and keeps open work", async () => {
  const { must, pool } = await connectedProgram();
  for (const mode of ["full", "incremental", "incremental"])
    await must("sync", "--data", "both", "--mode", mode);
  const before = await must("rejections", "count");
  expect(JSON.parse(await must("prune", "--json"))).toEqual({
    runs: 0,
    pauses: 0,
    rejections: 0,
    audit: 0,
    starts: 0,
    alerts: 0,
  });
  await pool.query("UPDATE titan_sync.runs SET completed_at = completed_at - interval '8 days'");
  expect(JSON.parse(await must("prune", "--json"))).toMatchObject({ runs: 1 });
  expect(await must("prune", "--older-than", "7d")).toContain("1 run and 0 audit entries deleted");
  expect(await must("rejections", "count")).toBe(before);
  expect(JSON.parse(await must("history", "--json")).items).toHaveLength(1);
});

it("lists every problem in the configuration file's companies", async () => {
  const { run, configure } = await connectedProgram();
  await configure(`export default { companies: {
    acme: { tradename: "HVAC", rules: { phones: "strict" } },
    birch: { mapping: { member: { gate: "customer.customfields[0].value" } } },
  } };`);
  const { exitCode, stderr } = await run("rejections", "count");
  expect(exitCode).toBe(2);
  for (const issue of ["acme.tradename", "acme.rules.phones", "birch.mapping.member.gate"]) {
    expect(stderr).toContain(`companies.${issue}`);
  }
});
