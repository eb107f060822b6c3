import { defineConfig } from "vitest/config";

/** The long randomized tests. Their seed comes in `CAMPAIGN_SEED`. */
export default defineConfig({
  resolve: { conditions: ["@titan-sync/source"] },
  ssr: { resolve: { conditions: ["@titan-sync/source"] } },
  test: {
    name: "campaign",
    include: ["campaign/**/*.campaign.ts"],
    globalSetup: ["test/postgres/global-setup.ts"],
    // Leases of a second need a machine that has time for them.
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
