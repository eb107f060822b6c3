import { randomUUID } from "node:crypto";
import { errorCodeOf } from "../errors.js";
import type { CredentialStore } from "../ports/credential-store.js";
import type { Logger } from "../ports/logger.js";
import { tokenRequestTimeoutMs } from "./token-client.js";

/** A lease outlasts the request made under it: nobody else asks while an answer may still come. */
const marginMs = 15_000;

/** The right to request a credential's token, among all processes that share the storage. */
export interface TokenLease {
  /** Does the work under the lease; `null` when another owner holds it. */
  run<Result>(work: () => Promise<Result>): Promise<Result | null>;
  /** Before a wait of `ms` milliseconds with another request behind it. */
  extend(ms: number): Promise<void>;
}

/** An owner of its own for each use: one that is being torn down must not release its successor's lease. */
export function createTokenLease(options: {
  readonly credentialId: string;
  readonly store: Pick<CredentialStore, "acquireTokenLease" | "releaseTokenLease">;
  readonly logger: Logger;
}): TokenLease {
  const { credentialId, store, logger } = options;
  const owner = randomUUID();
  const acquire = (waitMs: number): Promise<boolean> =>
    store.acquireTokenLease({ credentialId, owner, leaseMs: waitMs + tokenRequestTimeoutMs + marginMs });

  /** It runs out by itself: failing to give it back must not cost the token, nor hide why there is none. */
  async function release(): Promise<void> {
    try {
      await store.releaseTokenLease({ credentialId, owner });
    } catch (error) {
      const code = errorCodeOf(error);
      logger.warn({ credentialId, code }, "the token lease was not given back, it runs out by itself");
    }
  }

  return {
    async run(work) {
      if (!(await acquire(0))) return null;
      try {
        return await work();
      } finally {
        await release();
      }
    },
    async extend(ms) {
      await acquire(ms);
    },
  };
}
