import { afterAll, beforeAll, describe, test } from "vitest";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import { createHistogram } from "./support/histogram.js";
import { type Kill, type Killer, modes, playScenario, type Scenario } from "./support/kill-scenario.js";
import { type Places, postgresPlaces, sqlitePlaces } from "./support/places.js";
import { type KillPoint, moments, type Verb, verbs } from "./workers/kill-points.js";

const killsInWindow = 10;
const randomKills = 100;
/** In each sync of the short form's one scenario. */
const sampleKills = 1;

/** How often a run of a scenario commits a verb, at most, as far as that matters here. */
const usualCommits: Readonly<Record<Verb, number>> = {
  beginRun: 1,
  landRows: 8,
  sweepFeed: 4,
  enqueueKeys: 2,
  expandKeys: 6,
  claimKeys: 4,
  stageBatch: 3,
  settleKeys: 3,
  endRun: 1,
};

const windows = verbs.flatMap((verb) => moments.map((moment) => ({ verb, moment })));

type Window = (typeof windows)[number];

const nameOf = ({ verb, moment }: Window): string => `${verb} ${moment}`;

function describeKills(kind: Places["kind"], open: () => Promise<Places> | Places) {
  describe(`a process killed again and again, on ${kind}`, () => {
    const dice = createDice(`kills on ${kind}`);
    const landed = createHistogram(windows.map(nameOf));
    let places: Places;
    beforeAll(async () => {
      places = await open();
    });
    afterAll(async () => {
      await places.close();
      report(`\nWhere ${landed.total} kills landed on ${kind} (seed ${seed}):\n${landed.print()}\n`);
    });

    /** @param kills - how many in each sync of a scenario. */
    const createKiller = (kills: number, choose: (reachable: readonly Verb[]) => Kill | null): Killer => ({
      landed,
      next: (reachable, start) => (start > kills ? null : choose(reachable)),
    });

    /** Into the window with the fewest kills so far. */
    function aim(reachable: readonly Verb[]): KillPoint | null {
      const [rarest] = windows
        .filter(({ verb }) => reachable.includes(verb))
        .map((window) => ({ window, order: landed.count(nameOf(window)) + dice.integer(0, 99) / 100 }))
        .sort((left, right) => left.order - right.order);
      if (rarest === undefined) return null;
      const { verb, moment } = rarest.window;
      return { verb, moment, nth: dice.integer(1, usualCommits[verb]), turns: dice.integer(0, 30) };
    }

    function* scenarios(): Generator<Scenario, never> {
      for (let index = 0; ; index += 1) {
        yield {
          mode: modes[index % modes.length] ?? "incremental",
          sink: Math.floor(index / modes.length) % 2 === 0 ? "database" : "file",
          data: index % 3 === 0 ? "both" : dice.pick(["both", "customers", "invoices"]),
        };
      }
    }

    test("leaves the same as an undisturbed run, wherever in a commit it was killed", async () => {
      const isDone = (): boolean => windows.every((window) => landed.count(nameOf(window)) >= killsInWindow);
      await playUntil(isDone, () => createKiller(isSample ? sampleKills : 4, aim));
    });

    test("leaves the same as an undisturbed run, whenever it was killed", async () => {
      await playUntil(
        () => landed.countAll("at random") >= randomKills,
        () => createKiller(isSample ? 1 : 5, () => "at random"),
      );
    });

    test("leaves the same as undisturbed runs if two processes share the database, and both are killed", async () => {
      const pairs = isSample ? 1 : 10;
      const killer = (): Killer => createKiller(isSample ? 1 : 3, aim);
      const all = scenarios();
      for (let pair = 0; pair < pairs; pair += 1) {
        const place = await places.create();
        try {
          const play = (companyId: string, scenario: Scenario): Promise<void> =>
            playScenario(places, scenario, killer(), dice, { place, companyId });
          await Promise.all([play("company-1", all.next().value), play("company-2", all.next().value)]);
        } finally {
          await place.drop();
        }
      }
    });

    async function playUntil(isDone: () => boolean, killerOf: () => Killer): Promise<void> {
      const before = landed.total;
      for (const scenario of scenarios()) {
        await playScenario(places, scenario, killerOf(), dice);
        if (!isSample)
          report(`${landed.total} kills on ${kind} so far, last in ${JSON.stringify(scenario)}.`);
        if (isSample ? landed.total > before : isDone()) break;
      }
    }
  });
}

describeKills("PostgreSQL", postgresPlaces);
describeKills("SQLite", sqlitePlaces);
