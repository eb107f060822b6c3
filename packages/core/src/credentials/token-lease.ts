import { randomUUID } from "node:crypto";
import { setImmediate as yieldToOthers } from "node:timers/promises";
import { errorCodeOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { Logger } from "../ports/logger.js";
import type { TokenStore } from "../ports/token-store.js";

/** Others wait this long for an owner that has died, although a request may take a minute. */
const leaseMs = 6000;
const beatMs = leaseMs / 3;

/** The right to request a credential's token, among all processes that share the storage. */
export interface TokenLease {
  /**
   * Does the work under the lease, which is extended until it is done: nobody else sends a request while a
   * response may still arrive. `null` when another owner holds it.
   */
  run<Result>(work: () => Promise<Result>): Promise<Result | null>;
}

/** An owner of its own for each use: one that is being torn down must not release its successor's lease. */
export function createTokenLease(options: {
  readonly credentialId: string;
  readonly store: Pick<TokenStore, "acquireTokenLease" | "releaseTokenLease">;
  readonly clock: Clock;
  readonly logger: Logger;
}): TokenLease {
  const { credentialId, store, clock, logger } = options;
  const owner = randomUUID();
  const acquire = (): Promise<boolean> => store.acquireTokenLease({ credentialId, owner, leaseMs });

  /** The next heartbeat makes up for a failed one; at worst, two processes each request a token. */
  async function keep(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await clock.sleep(beatMs, signal);
        // The clock may return from sleep at once: the work must still get its turn.
        await yieldToOthers();
      } catch {
        return;
      }
      try {
        await acquire();
      } catch (error) {
        logger.warn({ credentialId, code: errorCodeOf(error) }, "the token lease could not be extended");
      }
    }
  }

  /** It expires on its own: failing to release it must neither lose the token nor hide why there is none. */
  async function release(): Promise<void> {
    try {
      await store.releaseTokenLease({ credentialId, owner });
    } catch (error) {
      const code = errorCodeOf(error);
      logger.warn({ credentialId, code }, "the token lease could not be released; it expires on its own");
    }
  }

  return {
    async run(work) {
      if (!(await acquire())) return null;
      const stop = new AbortController();
      const beating = keep(stop.signal);
      try {
        return await work();
      } finally {
        stop.abort();
        await beating;
        await release();
      }
    },
  };
}
