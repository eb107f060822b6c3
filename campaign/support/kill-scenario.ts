import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunResult, SyncRequest } from "@titan-sync/core";
import { expect } from "vitest";
import type { KillPoint, Verb } from "../workers/kill-points.js";
import type { SyncPlan, WorkerMessage } from "../workers/sync-plan.js";
import { type Dice, isSample } from "./campaign.js";
import type { Histogram } from "./histogram.js";
import { expectBalanced, expectComplete, readOutcome, undisturbed } from "./outcome.js";
import type { Place, Places } from "./places.js";
import { openSource, type Source } from "./sources.js";
import { startWorker } from "./worker-process.js";

/** How the second sync of a scenario, the one after changes, is asked for. */
export const modes = ["incremental", "fresh", "full", "range"] as const;
export type Mode = (typeof modes)[number];

export interface Scenario {
  /** `null` ends with the first load. */
  readonly mode: Mode | null;
  readonly data: "both" | "customers" | "invoices";
  readonly sink: "database" | "file";
}

/** Where the processes of a scenario die; asked before each start. */
export interface Killer {
  /**
   * @param verbs - those that the run is going to reach.
   * @param start - counts the processes of one sync, from 1.
   */
  next(verbs: readonly Verb[], start: number): Kill | null;
  readonly landed: Histogram;
}

export type Kill = KillPoint | "at random";

const commonVerbs: readonly Verb[] = [
  "beginRun",
  "landRows",
  "expandKeys",
  "claimKeys",
  "settleKeys",
  "endRun",
];

/** The verbs that a run of a scenario commits. */
function verbsOf({ mode, sink }: Scenario, isFirst: boolean): readonly Verb[] {
  return [
    ...commonVerbs,
    ...(sink === "file" ? (["stageBatch"] as const) : []),
    ...(isFirst || mode === "full" || mode === "range" ? (["enqueueKeys"] as const) : []),
    ...(!isFirst && mode === "full" ? (["sweepFeed"] as const) : []),
  ];
}

const shortestLeaseMs = 1000;

/** After more starts than this, a run is not making progress. */
const maxStarts = 60;

/**
 * A first load and a later sync, both of which are killed again and again; while the later one is down,
 * ServiceTitan changes. Then everything must be as if nothing had happened.
 *
 * @param shared - where another scenario, of another company, may play at the same time.
 */
export async function playScenario(
  places: Places,
  scenario: Scenario,
  killer: Killer,
  dice: Dice,
  {
    place: shared = null,
    companyId = "company-1",
  }: { readonly place?: Place | null; readonly companyId?: string } = {},
): Promise<void> {
  const source = await openSource({
    seed: dice.integer(1, 1_000_000),
    tenants: [isSample ? { customers: 15, invoices: 30 } : { customers: 60, invoices: 120 }],
    exportLagMs: scenario.mode === "fresh" ? 15 * 60_000 : 0,
    companyId,
  });
  const place = shared ?? (await places.create());
  const sinkFile =
    scenario.sink === "file"
      ? path.join(tmpdir(), `titan-sync-sink-${process.pid}-${Date.now()}-${companyId}.jsonl`)
      : null;
  try {
    const player = createPlayer({ source, place, sinkFile, scenario, killer, dice });
    await player.play();
  } finally {
    if (shared === null) await place.drop();
    await source.close();
    if (sinkFile !== null) await rm(sinkFile, { force: true });
  }
}

interface Stage {
  readonly source: Source;
  readonly place: Place;
  readonly sinkFile: string | null;
  readonly scenario: Scenario;
  readonly killer: Killer;
  readonly dice: Dice;
}

function createPlayer({ source, place, sinkFile, scenario, killer, dice }: Stage) {
  const { mode, data } = scenario;
  const basis = { data, fresh: mode === "fresh" };
  /** How long a run takes that nobody kills, in milliseconds. */
  let usualMs = 300;
  /**
   * A machine that is too busy to extend a lease in time gets a longer one, otherwise nothing would ever
   * finish.
   */
  let leaseMs = shortestLeaseMs;

  async function runOnce(
    request: Omit<SyncRequest, "credentialId">,
    kill: Kill | null,
  ): Promise<RunResult | null> {
    const { url, encryptionKey, companyId, tenant } = source;
    const plan: SyncPlan = {
      database: place.plan,
      sinkFile,
      simulatorUrl: url,
      encryptionKey,
      companyId,
      tenant,
      request,
      leaseMs,
      batchSize: 25,
      killPoint: kill === "at random" ? null : kill,
    };
    let begunAt: number | null = null;
    let timer: NodeJS.Timeout | undefined;
    const worker = startWorker<WorkerMessage>("sync", plan, (message) => {
      if (message.kind !== "begun") return;
      begunAt = performance.now();
      if (kill === "at random") timer = setTimeout(worker.kill, dice.integer(0, usualMs));
    });
    const how = await worker.gone;
    clearTimeout(timer);
    if (how === "killed") {
      const last = worker.messages.findLast((message) => message.kind === "at");
      killer.landed.add(kill === "at random" ? `at random, last seen ${last?.where}` : `${last?.where}`);
      return null;
    }
    const end = worker.messages.at(-1);
    if (end?.kind === "gave up" && end.code === "LEASE_LOST") {
      killer.landed.add("not killed: lease not extended in time");
      leaseMs *= 2;
      return null;
    }
    if (end?.kind !== "ended") throw new Error(`A run did not end: ${JSON.stringify(end)}`);
    if (kill === null && begunAt !== null) usualMs = Math.ceil(performance.now() - begunAt);
    return end.result;
  }

  async function runToEnd(
    request: Omit<SyncRequest, "credentialId">,
    killAt: (start: number) => Kill | null,
    betweenStarts: () => void = () => undefined,
  ): Promise<void> {
    for (let start = 1; start <= maxStarts; start += 1) {
      const result = await runOnce(request, killAt(start));
      if (result !== null) {
        expect(result).toMatchObject({ status: "completed", error: null });
        return;
      }
      betweenStarts();
    }
    throw new Error(`The run had not ended after ${maxStarts} starts.`);
  }

  function change(count: number): void {
    source.simulator.mutateRandomly({ count, seed: dice.integer(1, 1_000_000) });
  }

  /** Deletions leave no trace: only a full pass sees them. */
  function deleteAnInvoice(): void {
    const { simulator, tenant } = source;
    const rows = simulator.rows(tenant.tenantId, "invoices");
    const row = rows[dice.integer(0, rows.length - 1)];
    if (row !== undefined)
      simulator.mutate(tenant.tenantId, { kind: "delete", feed: "invoices", id: row.id });
  }

  async function check(isFirst: boolean): Promise<void> {
    const outcome = await place.look((database) => readOutcome(database, source.companyId, sinkFile));
    const expected = await undisturbed(source, scenario);
    expect(outcome.records.member).toEqual(expected.member);
    expect(outcome.records.invoice).toEqual(expected.invoice);
    expect(outcome).toMatchObject({ unsent: 0, listed: 0 });
    expectBalanced(outcome.runs);
    expectComplete(outcome, source);
    if (!isFirst) return;
    // Nothing had changed meanwhile: each record was delivered once, and each entity landed once, over all runs.
    for (const record of ["member", "invoice"] as const) {
      const delivered = outcome.runs.reduce((sum, run) => sum + (run.records[record]?.delivered ?? 0), 0);
      expect(delivered).toBe(expected[record].size);
    }
    for (const [feed, count] of Object.entries(outcome.landed)) {
      expect([feed, outcome.runs.reduce((sum, run) => sum + (run.feeds[feed]?.landed ?? 0), 0)]).toEqual([
        feed,
        count,
      ]);
    }
  }

  return {
    async play(): Promise<void> {
      await runToEnd(basis, (start) => killer.next(verbsOf(scenario, true), start));
      await check(true);
      if (mode === null) return;
      const beganAt = new Date().toISOString();
      change(12);
      if (mode === "full" && data !== "customers") deleteAnInvoice();
      const request = {
        ...basis,
        ...(mode === "full" ? { mode } : {}),
        ...(mode === "range" ? { from: beganAt } : {}),
      };
      await runToEnd(
        request,
        (start) => killer.next(verbsOf(scenario, false), start),
        () => change(2),
      );
      // A range does not move the cursors of its drivers, and leaves keys from its related feeds queued.
      if (mode === "range") await runToEnd(basis, () => null);
      await check(false);
    },
  };
}
