import PQueue from "p-queue";
import type { Clock } from "../ports/clock.js";
import type { Logger } from "../ports/logger.js";
import { type Circuit, type CircuitOptions, type CircuitStatus, createCircuit } from "./circuit.js";

/** What all calls of a credential share, whichever run they are of. */
export interface CallGuard {
  readonly circuit: Circuit;
  /** Limits the number of concurrent requests; the others wait, interactive ones first. */
  readonly bulkhead: Pick<PQueue, "add">;
}

/** A credential's circuit breaker. */
export interface CredentialCircuit extends CircuitStatus {
  readonly credentialId: string;
}

/** The guards of one instance's credentials. */
export interface CallGuards {
  /** The same guard for the same credential. */
  for(credentialId: string): CallGuard;
  /** One for each credential that was called since this instance was created. */
  circuits(): readonly CredentialCircuit[];
}

export function createCallGuards(options: {
  readonly circuit: CircuitOptions;
  /** For one credential, including those that wait for their slots. */
  readonly maxConcurrentRequests: number;
  readonly clock: Clock;
  readonly logger: Logger;
}): CallGuards {
  const { clock, logger } = options;
  const guards = new Map<string, CallGuard>();

  function create(credentialId: string): CallGuard {
    const circuit = createCircuit({
      circuit: options.circuit,
      clock,
      onOpen({ code, failures, retryAt }) {
        const fields = { credentialId, code, failures, retryAt };
        logger.warn(fields, "requests of a credential are paused after repeated failures");
      },
    });
    return { circuit, bulkhead: new PQueue({ concurrency: options.maxConcurrentRequests }) };
  }

  return {
    for(credentialId) {
      const guard = guards.get(credentialId) ?? create(credentialId);
      guards.set(credentialId, guard);
      return guard;
    },
    circuits: () => [...guards].map(([credentialId, { circuit }]) => ({ credentialId, ...circuit.status() })),
  };
}
