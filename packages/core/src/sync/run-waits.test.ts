import { describe, expect, it } from "vitest";
import { createCapturingLogger } from "../__fixtures__/capturing-logger.js";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { canaryInput } from "../__fixtures__/stored-credential.js";
import { generateEncryptionKey } from "../crypto/generate-key.js";
import { staticKeys } from "../crypto/static-keys.js";
import { memoryStorage } from "../memory/memory-storage.js";
import type { SyncEvent } from "../ports/sync-event.js";
import { createTitanSync } from "../titan-sync.js";

/** @param answer - What ServiceTitan says instead of having nothing. */
async function runBeside(answer: () => Response | null) {
  const clock = createFakeClock();
  const logger = createCapturingLogger();
  const titan = createTitanSync({
    storage: memoryStorage({ clock }),
    keys: staticKeys(generateEncryptionKey()),
    sink: async () => ({ rejected: [] }),
    company: async () => ({ trade: "HVAC" }),
    async fetch(input) {
      const { pathname } = new URL(String(input));
      if (pathname.endsWith("/connect/token")) {
        return Response.json({ access_token: "t", expires_in: 900, token_type: "Bearer" });
      }
      return answer() ?? Response.json({ hasMore: false, continueFrom: "1", data: [] });
    },
    parallelBackfill: false,
    logger,
    clock,
  });
  const { id } = await titan.credentials.create(canaryInput);
  const run = await titan.sync({ credentialId: id, data: "customers" });
  let hasEnded = false;
  const ended = run.result.finally(() => {
    hasEnded = true;
  });
  // What other threads work on, such as encryption, is not waited for by the clock.
  for (let step = 0; step < 500 && !hasEnded; step += 1) await clock.advance(10_000);
  const events: SyncEvent[] = [];
  for await (const event of run.events()) events.push(event);
  const waits = events.filter(({ event }) => event === "run:wait");
  return { result: await ended, waits, lines: logger.lines };
}

describe("a run that has to wait for ServiceTitan", () => {
  it("was silent while it was throttled", async () => {
    let isThrottled = true;
    const { result, waits, lines } = await runBeside(() => {
      if (!isThrottled) return null;
      isThrottled = false;
      return new Response("{}", { status: 429, headers: { "retry-after": "60" } });
    });
    expect(result).toMatchObject({ status: "completed", warnings: [] });
    expect(waits).toMatchObject([{ reason: "throttled", until: expect.any(Number) }]);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "warn", message: "the run is waiting for ServiceTitan" }),
    );
  });

  it("occupied a worker for as long as its tenant was unreachable", async () => {
    const { result, waits } = await runBeside(() => new Response("<html>", { status: 503 }));
    expect(result).toMatchObject({ status: "failed", error: { code: "CIRCUIT_OPEN" } });
    expect(waits).toContainEqual(expect.objectContaining({ reason: "circuit-open" }));
  });
});
