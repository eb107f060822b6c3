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

export default defineConfig({
  test: {
    // Many tests wait for a program that they have started: a worker more than cores keeps both busy.
    maxWorkers: 3,
    coverage: {
      // Lines of what we publish; the check of its floor counts the programs that tests start as well.
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/__fixtures__/**", "packages/benchmark/**"],
      reporter: ["json"],
    },
    projects: [
      {
        ...shared,
        test: {
          ...together,
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.mjs"],
          exclude: ["**/*.integration.test.ts", dependencies],
          // Only what hangs may fail for its time: machines differ, and coverage slows them.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          ...together,
          name: "repository",
          include: aboutTheRepository,
          testTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          ...together,
          name: "integration",
          include: ["packages/*/src/**/*.integration.test.ts"],
          globalSetup: ["test/postgres/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "end-to-end",
          include: ["test/**/*.test.ts"],
          exclude: [...aboutTheRepository, dependencies],
          globalSetup: ["test/postgres/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          // The campaigns' short form; `npm run campaign` runs the long one.
          name: "campaign-sample",
          include: ["campaign/**/*.campaign.ts"],
          env: { CAMPAIGN_SEED: "1", CAMPAIGN_SAMPLE: "1" },
          globalSetup: ["test/postgres/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
