import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { connectedProgram } from "../__fixtures__/connected-program.js";

it("agrees with its own export, and exits 3 with every difference if the report differs", async () => {
  const { must, run, directory } = await connectedProgram();
  await must("sync", "--data", "both", "--json");
  const report = join(directory, "report.csv");
  const [header = "", ...rows] = (await must("export", "invoices")).trimEnd().split("\r\n");
  await writeFile(report, [header, ...rows].join("\r\n"));
  const equal = await must("reconcile", "invoices", "--company", "acme", "--report", "report.csv", "--json");
  expect(JSON.parse(equal)).toMatchObject({
    data: "invoices",
    matched: rows.length,
    differing: 0,
    onlyHere: 0,
  });

  await writeFile(report, [header, ...rows.slice(1), "x,HVAC,ServiceTitan"].join("\r\n"));
  const options = ["--company", "acme", "--report", "report.csv", "--out", "differences.csv"];
  const { exitCode, stdout } = await run("reconcile", "invoices", ...options);
  expect(exitCode).toBe(3);
  expect(stdout).toContain(`${rows.length - 1} equal, 0 different, 1 only here, 0 only in the report`);
  expect(stdout).toContain("without a key, not compared: 1");
  const written = await readFile(join(directory, "differences.csv"), "utf8");
  expect(written.split("\r\n")).toHaveLength(3);
  expect(written).toContain(",only-here,");
});

it("appends to the tables that the configuration file names", async () => {
  const { must, run, configure, pool } = await connectedProgram();
  await pool.query(`CREATE TABLE own_members AS SELECT * FROM titan_sync.members_stream;
    ALTER TABLE own_members DROP id, DROP environment, DROP source_tenant, DROP source_id, DROP revision`);
  await configure(
    'export default { tables: { member: { table: "own_members", columns: { zip: "postcode" } } } };',
  );
  const refused = await run("sync", "--data", "customers", "--json");
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("it has no column postcode for zip");

  await pool.query("ALTER TABLE own_members RENAME zip TO postcode");
  const last = (await must("sync", "--data", "customers", "--json")).trim().split("\n").at(-1) ?? "";
  const { rows } = await pool.query("SELECT postcode FROM own_members");
  expect(rows).toHaveLength(JSON.parse(last).successful);
});
