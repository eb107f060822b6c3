// `npm run campaign [-- name …]`: the long randomized tests, from a seed that can be passed again.

import { randomInt } from "node:crypto";
import { filesBelow } from "./lib/fingerprint.mjs";
import { build, install, PreparationError } from "./lib/prepare.mjs";
import { interruptionCode } from "./lib/run.mjs";
import { closingLine } from "./lib/test-report.mjs";
import { runTests } from "./lib/vitest.mjs";
import { inWorkspace } from "./lib/workspace.mjs";

const badUsage = 2;

/** @returns {Promise<number>} The exit code. */
async function campaign() {
  const seed = process.env["CAMPAIGN_SEED"] ?? String(randomInt(2 ** 31));
  if (!/^\d{1,10}$/.test(seed)) {
    return refuse(`CAMPAIGN_SEED must be a whole number of at most ten digits, not "${seed}".`);
  }
  const files = await filesBelow(inWorkspace("campaign"));
  if (!files.some((file) => file.endsWith(".campaign.ts"))) {
    return refuse("There is no campaign: campaign/ holds no file whose name ends in .campaign.ts.");
  }

  await install();
  await build();
  process.stdout.write(`Seed ${seed}. To repeat this run: CAMPAIGN_SEED=${seed} npm run campaign\n`);
  const names = process.argv.slice(2);
  const tally = await runTests("vitest.campaign.ts", names, { environment: { CAMPAIGN_SEED: seed } });
  for (const complaint of tally.complaints) process.stdout.write(`✗ ${complaint}\n`);
  process.stdout.write(`Seed ${seed}.\n${closingLine(tally)}\n`);
  return interruptionCode() ?? (tally.failed === 0 ? 0 : 1);
}

/**
 * @param {string} reason
 * @returns {number}
 */
function refuse(reason) {
  process.stderr.write(`${reason}\n`);
  return badUsage;
}

try {
  process.exitCode = await campaign();
} catch (error) {
  if (!(error instanceof PreparationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = interruptionCode() ?? 1;
}
