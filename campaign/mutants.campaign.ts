import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSample } from "./support/campaign.js";
import type { Mutant } from "./support/mutant.js";
import { mutants } from "./support/mutants.js";
import { createSandbox, type Sandbox, type Verdict } from "./support/sandbox.js";

/** The short form makes one mistake. */
const chosen = isSample ? mutants.slice(0, 1) : mutants;

describe("a mistake in the sources", () => {
  let sandbox: Sandbox;
  const verdicts = new Map<string, Promise<Verdict>>();
  beforeAll(async () => {
    sandbox = await createSandbox();
  });
  afterAll(() => sandbox.close());

  /** Several mutants share a test. */
  function unmutated(named: Mutant["test"]): Promise<Verdict> {
    const name = JSON.stringify(named);
    const verdict = verdicts.get(name) ?? sandbox.test(named);
    verdicts.set(name, verdict);
    return verdict;
  }

  test("fits exactly one place, so that each one is still the intended mistake", async () => {
    for (const mutant of mutants) expect(await sandbox.mutate(mutant)).toContain(mutant.replacement);
  });

  test.each(chosen)("makes a test fail that passes without it: $mistake", async (mutant) => {
    const without = await unmutated(mutant.test);
    expect(without, without.output).toMatchObject({ failed: 0 });
    expect(without.passed).toBeGreaterThan(0);
    const mutated = await sandbox.testMutant(mutant);
    expect(mutated.failed, mutated.output).toBeGreaterThan(0);
  });
});
