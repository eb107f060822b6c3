import { afterEach, expect, it } from "vitest";
import { checkClientPrograms } from "./__fixtures__/check-client.js";
import { type Host, startHost } from "./__fixtures__/host.js";

interface SessionProgram {
  /** Its types come from the document, and are checked with it. */
  runSession(
    baseUrl: string,
    secrets: Readonly<Record<string, string>>,
  ): Promise<{ readonly runId: string; startAndCancel(): Promise<string> }>;
}

let host: Host | null = null;

afterEach(async () => {
  await host?.[Symbol.asyncDispose]();
  host = null;
});

it("a client with the document's types compiles, and one with mistakes does not", async () => {
  expect(await checkClientPrograms()).toEqual([]);
});

it("creates and tests a credential, syncs, follows live events, reads the history and cancels a sync", async () => {
  host = await startHost({ mountPath: "/api/servicetitan" });
  const { tenantId, environment, clientId, clientSecret, appKey } = host.tenant;
  const secrets = { tenantId, environment, clientId, clientSecret, appKey };
  const program = new URL("../typed-client/session.ts", import.meta.url).href;
  const { runSession } = (await import(program)) as SessionProgram;

  const session = await runSession(host.url, secrets);
  expect(session).toMatchObject({
    tested: true,
    status: "connected",
    testedAgain: true,
    lastEvent: { event: "run:end", status: "completed", runId: session.runId },
    history: [[session.runId, "completed"]],
    refusal: "NOT_FOUND",
  });
  expect(session).toHaveProperty("askedFor", expect.arrayContaining([...Object.keys(secrets), "companyId"]));

  host.simulator.faults.inject({ effect: { kind: "hang" }, probability: 1 });
  expect(await session.startAndCancel()).toBe("cancelled");
});
