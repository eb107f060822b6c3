import { ConflictError } from "@titan-sync/core";
import { describe, expect, test } from "vitest";
import { createWorld, type Stores } from "../world.js";
import { expectBalanced } from "./expect-balanced.js";

/** What a run leaves that fails in part, or is stopped. */
export function describeInterruptions(stores: () => Stores): void {
  describe("partial failure", () => {
    test("a missing scope of a related feed degrades only that feed", async () => {
      const world = await createWorld(stores());
      const fault = world.simulator.faults.inject({
        feed: "memberships",
        effect: { kind: "missing-scope" },
      });
      const result = await world.sync();
      expect(result.status).toBe("partial");
      expect(result.warnings).toContainEqual(
        expect.objectContaining({ code: "FEED_DEGRADED", message: expect.stringContaining("memberships") }),
      );
      const members = await world.records("member");
      expect(members.size).toBeGreaterThan(30);
      expect([...members.values()].every((row) => row["membership_type"] === null)).toBe(true);
      fault.remove();
      expect((await world.sync()).status).toBe("completed");
      const completed = await world.records("member");
      expect([...completed.values()].every((row) => row["membership_type"] !== null)).toBe(true);
    });

    test("a driver feed that fails fails the run, but not the other record type", async () => {
      const world = await createWorld(stores());
      world.simulator.faults.inject({ feed: "invoices", effect: { kind: "status", status: 500 } });
      const result = await world.sync();
      expect(result).toMatchObject({ status: "failed", error: { code: "API_UNAVAILABLE" } });
      expect((await world.records("member")).size).toBeGreaterThan(30);
      expect((await world.records("invoice")).size).toBe(0);
      world.simulator.faults.clear();
      expect((await world.sync()).status).toBe("completed");
      expect((await world.records("invoice")).size).toBeGreaterThan(70);
    });

    test("transient failures are waited out", async () => {
      const world = await createWorld(stores(), { simulator: { exportPageSize: 20, seed: 5 } });
      const { faults } = world.simulator;
      faults.inject({ effect: { kind: "status", status: 503, body: "html" }, probability: 0.15 });
      faults.inject({ effect: { kind: "reset" }, probability: 0.1 });
      faults.inject({ effect: { kind: "cut-json" }, probability: 0.1 });
      const result = await world.sync();
      expect(result.status).toBe("completed");
      expect(result.api.retries).toBeGreaterThan(0);
      expectBalanced(result);
    });

    test("refused credentials fail the run and mark the credential", async () => {
      const world = await createWorld(stores());
      world.simulator.faults.inject({
        endpoint: "token",
        effect: { kind: "status", status: 401, body: "oauth" },
      });
      const result = await world.sync();
      expect(result).toMatchObject({ status: "failed", error: { code: "AUTH_INVALID_CREDENTIALS" } });
      expect((await world.titan.credentials.find(world.credentialId))?.status).toBe("error");
    });
  });

  describe("stopping", () => {
    test("a canceled run reports it, and the next one delivers everything", async () => {
      const world = await createWorld(stores(), { simulator: { exportPageSize: 10 } });
      const run = await world.titan.sync({ credentialId: world.credentialId });
      for await (const event of run.events()) {
        if (event.event === "batch:landed" && event.feed === "invoices") break;
      }
      await run.cancel();
      expect((await run.result).status).toBe("cancelled");
      expect((await world.sync()).status).toBe("completed");
      expect((await world.records("invoice")).size).toBeGreaterThan(70);
    });

    test("a signal that was already aborted cancels the run at once", async () => {
      const world = await createWorld(stores());
      const result = await world.sync({ signal: AbortSignal.abort() });
      expect(result.status).toBe("cancelled");
      expect(world.simulator.counters().requests).toBe(0);
    });

    test("a paused run is continued by an equal request under its id and version", async () => {
      const world = await createWorld(stores(), { simulator: { exportPageSize: 10, latencyMs: 4 } });
      const first = await world.sync({ stopAfterMs: 25 });
      expect(first.status).toBe("paused");
      const run = await world.titan.sync({ credentialId: world.credentialId });
      expect(run).toMatchObject({ id: first.runId, resumed: true });
      const second = await run.result;
      expect(second.status).toBe("completed");
      expect(second.ledger.feeds["invoices"]?.read).toBe(
        world.simulator.rows(world.tenantId, "invoices").length,
      );
      expectBalanced(second);
    });

    test("another request ends the paused run and starts a new one", async () => {
      const world = await createWorld(stores(), { simulator: { exportPageSize: 10, latencyMs: 4 } });
      const first = await world.sync({ stopAfterMs: 25 });
      const second = await world.sync({ data: "customers" });
      expect(second.runId).not.toBe(first.runId);
      expect(await world.titan.runs.find(first.runId)).toMatchObject({
        status: "failed",
        error: { code: "SUPERSEDED" },
      });
    });

    test("a second start while a run is in progress is refused and names the run", async () => {
      const world = await createWorld(stores(), { simulator: { latencyMs: 10 } });
      const run = await world.titan.sync({ credentialId: world.credentialId });
      const second = world.titan.sync({ credentialId: world.credentialId });
      await expect(second).rejects.toBeInstanceOf(ConflictError);
      await expect(second).rejects.toMatchObject({ runId: run.id });
      expect((await run.result).status).toBe("completed");
    });

    test("closing cancels current runs and refuses later ones", async () => {
      const world = await createWorld(stores(), { simulator: { latencyMs: 20, exportPageSize: 10 } });
      const run = await world.titan.sync({ credentialId: world.credentialId });
      await world.titan.close();
      expect((await run.result).status).toBe("cancelled");
      await expect(world.sync()).rejects.toMatchObject({ code: "ABORTED" });
    });
  });
}
