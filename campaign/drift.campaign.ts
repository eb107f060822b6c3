import {
  createTitanSync,
  generateEncryptionKey,
  memorySink,
  memoryStorage,
  type RecordType,
  type RunResult,
  staticKeys,
} from "@titan-sync/core";
import { createSimulator, type Simulator } from "@titan-sync/simulator";
import { describe, expect, test } from "vitest";
import {
  feeds,
  type KnownFeedName,
  shippedCatalog,
} from "../packages/core/src/records/definitions/definitions.js";
import { createDice, type Dice, isSample, report, seed } from "./support/campaign.js";

type Row = Readonly<Record<string, unknown>>;

/** How a field changes on its way out of the API. */
const kinds = ["drop", "rename", "retype", "null"] as const;

interface Drift {
  readonly feed: KnownFeedName;
  readonly path: string;
  readonly kind: (typeof kinds)[number];
  /** Which rows drift: every nth. */
  readonly every: number;
}

/** The warnings of a run that read less than there was. */
const telling = ["FIELD_ABSENT", "ROWS_REJECTED", "FEED_DEGRADED", "REMOVALS_HELD_BACK", "REJECTED_SHARE"];

const names = Object.keys(feeds) as [KnownFeedName, ...KnownFeedName[]];

function chooseDrift(dice: Dice): Drift {
  const feed = dice.pick(names);
  const paths = ["id", ...(shippedCatalog.fields.get(feed)?.keys() ?? [])] as [string, ...string[]];
  return { feed, path: dice.pick(paths), kind: dice.pick(kinds), every: dice.pick([1, 1, 1, 2, 7]) };
}

function retyped(value: unknown): unknown {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "object" ? "text" : { value };
}

function drifted(row: Row, path: string, kind: Drift["kind"]): Row {
  const [name = "", ...rest] = path.split(".");
  if (!(name in row)) return row;
  const { [name]: value, ...others } = row;
  if (rest.length > 0) {
    const isObject = typeof value === "object" && value !== null;
    return isObject ? { ...row, [name]: drifted(value as Row, rest.join("."), kind) } : row;
  }
  switch (kind) {
    case "drop":
      return others;
    case "rename":
      return { ...others, [`${name}New`]: value };
    case "retype":
      // What has no value has no type.
      return value === null ? row : { ...row, [name]: retyped(value) };
    case "null":
      return { ...row, [name]: null };
  }
}

/** The feed that a request reads, by the end of its path. */
function feedOf(url: string): KnownFeedName | undefined {
  const path = new URL(url).pathname.replace(/^\/([a-z-]+)\/v2\/tenant\/\d+\/(?:export\/)?/, "$1/");
  return names.find((name) => path === `${feeds[name].module}/${feeds[name].path}`);
}

/** A separate instance on a shared simulator, whose responses may drift. */
async function openTitan(simulator: Simulator, drift: () => Drift | null) {
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const storage = memoryStorage();
  const sink = memorySink({ storage });
  const titan = createTitanSync({
    storage,
    sink,
    keys: staticKeys(generateEncryptionKey()),
    company: async () => ({ trade: "HVAC" }),
    requestsPerSecond: 1000,
    retry: { firstDelayMs: 1, maxDelayMs: 2, jitter: 0, maxAttempts: 3 },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const change = drift();
      const answer = await simulator.handle(request);
      if (change === null || feedOf(request.url) !== change.feed || !answer.ok) return answer;
      const body = (await answer.json()) as { readonly data: readonly Row[] };
      const data = body.data.map((row) =>
        Number(row["id"]) % change.every === 0 ? drifted(row, change.path, change.kind) : row,
      );
      return Response.json({ ...body, data }, { headers: answer.headers });
    },
  });
  const { id: credentialId } = await titan.credentials.create({ companyId: "acme", ...tenant });
  const scope = { companyId: "acme", environment: tenant.environment, tenantId: tenant.tenantId };
  const records = (type: RecordType): ReadonlyMap<string, unknown> =>
    new Map(
      [...sink.records(type, scope)].map(([id, { record }]) => [id, { ...record, version: null }] as const),
    );
  return {
    sync: async (full: boolean): Promise<RunResult> =>
      await (await titan.sync({ credentialId, mode: full ? "full" : "incremental", fresh: !full })).result,
    all: () => ({ member: records("member"), invoice: records("invoice") }),
  };
}

const says = (result: RunResult, control: RunResult): boolean =>
  result.status !== "completed" ||
  result.ledger.failed > control.ledger.failed ||
  result.warnings.some(({ code }) => telling.includes(code));

describe("a field that drifts", () => {
  const scenarios = isSample ? 10 : 2000;

  test(`silently loses nothing, in ${scenarios} random scenarios (seed ${seed})`, async () => {
    const dice = createDice("drift");
    const counts = { quiet: 0, told: 0, values: 0 };
    for (let scenario = 1; scenario <= scenarios; scenario += 1) {
      const drift = chooseDrift(dice);
      const size = dice.pick([3, 15, 40]);
      const full = dice.integer(0, 2) === 0;
      const label = JSON.stringify({ scenario, ...drift, size, full });
      const simulator = createSimulator({
        rateLimitPerSecond: null,
        seed: dice.integer(1, 1_000_000),
        exportPageSize: dice.pick([10, 25, 1000]),
        tenants: [{ customers: size, invoices: size }],
      });
      const [tenant] = simulator.tenants;
      let isDrifting = false;
      const drifting = await openTitan(simulator, () => (isDrifting ? drift : null));
      const control = await openTitan(simulator, () => null);
      await drifting.sync(false);
      await control.sync(false);

      // Every row of the feed is sent again, some with changes.
      const rows = simulator.rows(tenant?.tenantId ?? "", drift.feed);
      for (const { id, active } of rows) {
        const set = dice.integer(0, 4) === 0 && typeof active === "boolean" ? { active: !active } : {};
        simulator.mutate(tenant?.tenantId ?? "", { kind: "edit", feed: drift.feed, id, set });
      }
      isDrifting = true;
      const result = await drifting.sync(full);
      const expected = await control.sync(full);

      // A value that is null is what the API says.
      if (drift.kind === "null") counts.values += 1;
      else if (says(result, expected)) counts.told += 1;
      else {
        counts.quiet += 1;
        expect(drifting.all(), label).toEqual(control.all());
      }

      // Everything refused is read once the API is as before.
      isDrifting = false;
      const healed = await drifting.sync(true);
      expect(healed.status, label).toBe("completed");
      await control.sync(true);
      expect(drifting.all(), label).toEqual(control.all());
    }
    report(`drift: ${JSON.stringify(counts)}`);
    expect(counts.told).toBeGreaterThan(0);
    expect(counts.quiet).toBeGreaterThan(0);
  });
});
