import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, it } from "vitest";
import { strayTimes } from "../../../../test/json/times.js";
import { connectedProgram } from "../__fixtures__/connected-program.js";
import { testContext } from "../__fixtures__/context.js";
import { buildProgram } from "../program/build-program.js";

type Ids = Readonly<Record<"credential" | "rejection" | "tenant" | "client", string>>;

/** A use of each command that prints JSON, in an order in which none deletes what another needs. */
const uses: Readonly<Record<string, (ids: Ids) => readonly string[]>> = {
  sync: () => ["--data", "both"],
  status: () => [],
  history: () => [],
  doctor: () => [],
  "credential list": () => [],
  "credential show": ({ credential }) => [credential],
  "credential test": ({ credential }) => [credential],
  "credential update": ({ credential }) => [credential, "--trade", "Plumbing"],
  "credential pause": ({ credential }) => [
    credential,
    "--reason",
    "moving house",
    "--until",
    "2100-01-01T00:00:00Z",
  ],
  "credential resume": ({ credential }) => [credential],
  "schedule set": ({ credential }) => ["--credential", credential, "--cron", "@daily"],
  "schedule show": ({ credential }) => ["--credential", credential],
  "schedule list": () => [],
  "schedule run": ({ credential }) => ["--credential", credential],
  "schedule starts": ({ credential }) => ["--credential", credential],
  "schedule remove": ({ credential }) => ["--credential", credential],
  "alerts list": () => [],
  "alerts silence": () => ["--for", "1h", "--reason", "moving house"],
  "rejections list": () => [],
  "rejections count": () => [],
  "rejections replay": () => ["--all"],
  "rejections dismiss": ({ rejection }) => [rejection, "--yes"],
  reconcile: () => ["members", "--company", "acme", "--report", "report.csv"],
  "keys rotate": () => [],
  prune: () => [],
  "credential remove": ({ credential }) => [credential, "--force", "--yes"],
  "credential add": ({ tenant, client }) => [
    ...["--company", "birch", "--tenant", tenant, "--client-id", client, "--environment", "production"],
    "--no-test",
  ],
};

/** Uses of the commands that concern an embedded database only. */
const embeddedUses: Readonly<Record<string, (databaseUrl: string) => readonly string[]>> = {
  backup: () => ["--out", "copy.db"],
  move: (databaseUrl) => ["--to", databaseUrl],
};

/**
 * Tested elsewhere: programs that print events until they are stopped, and what needs a channel and shows no instant.
 */
const elsewhere = ["serve", "worker", "alerts test"];

function commandsWithJson(command: Command, path: readonly string[] = []): readonly string[] {
  const own = command.options.some(({ long }) => long === "--json") ? [path.join(" ")] : [];
  return [...own, ...command.commands.flatMap((inner) => commandsWithJson(inner, [...path, inner.name()]))];
}

it("every command shows every instant in its JSON as ISO 8601 text", async () => {
  const program = buildProgram(testContext(), async () => undefined);
  expect([...Object.keys(uses), ...Object.keys(embeddedUses), ...elsewhere].sort()).toEqual(
    [...commandsWithJson(program)].sort(),
  );

  const { run, must, directory } = await connectedProgram();
  await must("sync", "--data", "both");
  await writeFile(join(directory, "report.csv"), await must("export", "members"));
  const [credential] = JSON.parse(await must("credential", "list", "--json")).items;
  const [rejection] = JSON.parse(await must("rejections", "list", "--json")).items;
  const ids = {
    credential: credential.id,
    rejection: rejection.id,
    tenant: credential.tenantId,
    client: "cid.birch",
  };
  for (const [command, use] of Object.entries(uses)) {
    const { stdout, stderr } = await run(...command.split(" "), ...use(ids), "--json");
    const documents = stdout.trimEnd().split("\n").filter(Boolean);
    expect([command, stderr, documents.length > 0]).toEqual([command, stderr, true]);
    expect(documents.flatMap((line) => strayTimes(JSON.parse(line), command))).toEqual([]);
  }

  const embedded = await connectedProgram({ embedded: true });
  for (const [command, use] of Object.entries(embeddedUses)) {
    const document = await embedded.must(command, ...use(embedded.databaseUrl), "--json");
    expect(strayTimes(JSON.parse(document), command)).toEqual([]);
  }
});
