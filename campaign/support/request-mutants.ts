import type { Mutant } from "./mutant.js";

/** Mistakes in how ServiceTitan is asked: tokens, retries, rates and circuits. */
export const requestMutants: readonly Mutant[] = [
  {
    mistake: "at the boundary: a token is renewed one moment too late",
    file: "packages/core/src/credentials/token-provider.ts",
    original: "if (token === null || clock.now() >= renewalTime(token)) return null;",
    replacement: "if (token === null || clock.now() > renewalTime(token)) return null;",
    test: {
      file: "packages/core/src/credentials/token-provider.test.ts",
      title: "is kept until its renewal, and then requested again",
    },
  },
  {
    mistake: "an open circuit is waited for as long as a call may take",
    file: "packages/core/src/http/circuit.ts",
    original: "(outcome === null && retryAt - openSince > circuit.maxOpenMs)",
    replacement: "(outcome === null && retryAt - openSince > 2 * circuit.maxOpenMs)",
    test: { file: "test/sync/long-waits.test.ts", title: "fails after five minutes" },
  },
  {
    mistake: "a circuit that stays open is waited for in every call",
    file: "packages/core/src/http/circuit.ts",
    original: "retryAt - openSince > circuit.maxOpenMs",
    replacement: "retryAt - openSince > circuit.maxOpenMs * 1000",
    test: {
      file: "packages/core/src/http/circuit.test.ts",
      title:
        "held up a run for as long as a call may take, although the tenant had been unreachable for minutes",
    },
  },
  {
    mistake: "whoever waits for an answer waits for a slot like anybody else",
    file: "packages/core/src/http/turnstile.ts",
    original: "{ interactive: 1, background: 0 }",
    replacement: "{ interactive: 0, background: 0 }",
    test: {
      file: "packages/core/src/http/rate-limiter.test.ts",
      title: "lets interactive calls pass those already waiting",
    },
  },
  {
    mistake: "the places of a credential know no priority",
    file: "packages/core/src/http/policy.ts",
    original: "const place = { priority: queuePriority[priority], signal };",
    replacement: "const place = { priority: 0, signal };",
    test: {
      file: "packages/core/src/http/call-guards.test.ts",
      title: "made an interactive call wait behind background calls that were waiting before it",
    },
  },
];
