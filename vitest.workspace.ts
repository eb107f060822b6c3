import { defineConfig } from "vitest/config";

const source = { conditions: ["@titan-sync/source"] };

/** Test files import the packages' sources, so that a failing line is a line somebody wrote. */
const shared = {
  resolve: source,
  ssr: { resolve: source },
};

/** Files that leave nothing behind share a worker: importing everything again for each takes longer than they do. */
const together = { isolate: false };

/** Tests about the repository itself: they read files, and need no database. */
const aboutTheRepository = ["test/architecture/**/*.test.ts", "test/readme/**/*.test.ts"];

const dependencies = "**/node_modules/**";

/** Only what hangs may fail for its time: machines differ, and have other work. */
const untilItHangs = { testTimeout: 300_000, hookTimeout: 300_000 };

/** Has `test/measure/by-project.mjs` measure a project, in workers that take half as long again for it. */
const measured = { env: { TITAN_SYNC_MEASURED: "1" } };

export default defineConfig({
  test: {
    // Many tests wait for a program that they have started: a worker more than cores keeps both busy.
    maxWorkers: 3,
    coverage: {
      // Lines of what we publish; the check of its floor counts programs that tests start as well.
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/__fixtures__/**", "packages/benchmark/**"],
      reporter: ["json"],
      provider: "custom",
      customProviderModule: "test/measure/by-project.mjs",
    },
    projects: [
      {
        ...shared,
        test: {
          ...together,
          ...untilItHangs,
          ...measured,
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.mjs"],
          exclude: ["**/*.integration.test.ts", dependencies],
        },
      },
      {
        ...shared,
        test: {
          ...together,
          ...untilItHangs,
          name: "repository",
          include: aboutTheRepository,
        },
      },
      {
        ...shared,
        test: {
          ...together,
          ...untilItHangs,
          ...measured,
          name: "integration",
          include: ["packages/*/src/**/*.integration.test.ts"],
          globalSetup: ["test/postgres/global-setup.ts"],
        },
      },
      {
        ...shared,
        test: {
          ...together,
          ...untilItHangs,
          name: "end-to-end",
          include: ["test/**/*.test.ts"],
          exclude: [...aboutTheRepository, dependencies],
          globalSetup: ["test/postgres/global-setup.ts"],
        },
      },
      {
        ...shared,
        test: {
          ...untilItHangs,
          // The campaigns' short form; `npm run campaign` runs the long one.
          name: "campaign-sample",
          include: ["campaign/**/*.campaign.ts"],
          // Takes minutes however short: its sample, by a simulated clock, is `fairness.campaign.ts`.
          exclude: ["campaign/fairness-measured.campaign.ts"],
          env: { CAMPAIGN_SEED: "1", CAMPAIGN_SAMPLE: "1" },
          globalSetup: ["test/postgres/global-setup.ts"],
        },
      },
    ],
  },
});
