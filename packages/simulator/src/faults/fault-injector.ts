import type { SimulatedFeed } from "../feeds.js";
import type { Random } from "../random.js";
import type { Fault, FaultEffect, FaultEndpoint, Faults } from "./fault.js";

/** A request as the matchers see it. */
export interface FaultTarget {
  readonly endpoint: FaultEndpoint | null;
  readonly feed: SimulatedFeed | null;
  readonly tenantId: string | null;
  readonly path: string;
  /** Whether it requests a page that is not the first. */
  readonly isFollowUp: boolean;
}

/**
 * When an effect strikes: on arrival, once the caller is known, or when the answer is ready. A fault is spent
 * only by a request that comes so far.
 */
export type FaultStage = "arrival" | "authorization" | "answer";

export interface StruckFaults {
  readonly effect: FaultEffect | null;
  readonly delayMs: number;
}

export interface FaultInjector extends Faults {
  strike(stage: FaultStage, target: FaultTarget): StruckFaults;
}

const stages: Readonly<Record<FaultEffect["kind"], FaultStage>> = {
  status: "arrival",
  throttle: "arrival",
  reset: "arrival",
  hang: "arrival",
  latency: "arrival",
  "revoked-token": "authorization",
  "missing-scope": "authorization",
  "cut-body": "answer",
  "cut-json": "answer",
  "repeat-page": "answer",
  "stuck-token": "answer",
  "empty-page": "answer",
  "refused-cursor": "answer",
};

interface ActiveFault {
  readonly fault: Fault;
  seen: number;
  hits: number;
}

export function createFaultInjector(random: Random): FaultInjector {
  let active: ActiveFault[] = [];

  function hits(candidate: ActiveFault): boolean {
    const { fault } = candidate;
    const times = fault.times ?? (fault.nth === undefined ? Number.POSITIVE_INFINITY : 1);
    candidate.seen += 1;
    if (candidate.hits >= times || candidate.seen < (fault.nth ?? 1)) return false;
    if (fault.probability !== undefined && !random.chance(fault.probability)) return false;
    candidate.hits += 1;
    return true;
  }

  return {
    inject(fault) {
      const entry: ActiveFault = { fault, seen: 0, hits: 0 };
      active.push(entry);
      return {
        hits: () => entry.hits,
        remove() {
          active = active.filter((other) => other !== entry);
        },
      };
    },
    clear() {
      active = [];
    },
    strike(stage, target) {
      let delayMs = 0;
      for (const candidate of active) {
        const { effect } = candidate.fault;
        if (stages[effect.kind] !== stage || !isAimedAt(candidate.fault, target)) continue;
        if (!hits(candidate)) continue;
        if (effect.kind !== "latency") return { effect, delayMs };
        delayMs += effect.ms;
      }
      return { effect: null, delayMs };
    },
  };
}

function isAimedAt({ effect, feed, endpoint, tenantId, path }: Fault, target: FaultTarget): boolean {
  return (
    (feed === undefined || feed === target.feed) &&
    (endpoint === undefined || endpoint === target.endpoint) &&
    (tenantId === undefined || tenantId === target.tenantId) &&
    (path === undefined || path.test(target.path)) &&
    canHit(effect.kind, target)
  );
}

function canHit(kind: FaultEffect["kind"], { endpoint, isFollowUp }: FaultTarget): boolean {
  const isPage = endpoint === "export" || endpoint === "list";
  switch (kind) {
    case "repeat-page":
      return isPage && isFollowUp;
    case "stuck-token":
    case "refused-cursor":
      return endpoint === "export" && isFollowUp;
    case "empty-page":
      return isPage;
    case "revoked-token":
    case "missing-scope":
      return endpoint !== "token";
    default:
      return true;
  }
}
