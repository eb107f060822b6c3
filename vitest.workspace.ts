import { defineConfig } from "vitest/config";

const source = { conditions: ["@titan-sync/source"] };

/** Test files import the packages' sources, so that a failing line is a line somebody wrote. */
const shared = {
  resolve: source,
  ssr: { resolve: source },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["**/*.integration.test.ts", "**/node_modules/**"],
        },
      },
      {
        ...shared,
        test: {
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
          globalSetup: ["test/postgres/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
