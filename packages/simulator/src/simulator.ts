import { createApiServer } from "./api/api-server.js";
import type { Call, Outcome } from "./api/exchange.js";
import { applyChange } from "./changes/apply-change.js";
import type { Change, ChangedEntity } from "./changes/change.js";
import { chooseChanges } from "./changes/random-changes.js";
import { type Counters, createCounterBoard } from "./counters.js";
import { callOf, responseOf } from "./door.js";
import type { Faults } from "./faults/fault.js";
import { createFaultInjector } from "./faults/fault-injector.js";
import type { SimulatedFeed } from "./feeds.js";
import { createChangeClock } from "./instant.js";
import { type SimulatorOptions, toSettings } from "./options.js";
import { createRandom } from "./random.js";
import type { Row } from "./row.js";
import { createTenants, type SimulatedTenant, type TenantState } from "./tenant.js";

/** An offline ServiceTitan. */
export interface Simulator {
  /** Answers a request to the API or the token endpoint; only the path of its address matters. */
  handle(request: Request): Promise<Response>;
  /** The same for custom adapters, which can do things to their caller that a `Response` cannot. */
  respond(call: Call): Promise<Outcome>;
  readonly tenants: readonly SimulatedTenant[];
  /**
   * Every current row of a feed, by id: what a reader must end up with.
   *
   * @throws RangeError when there is no such tenant.
   */
  rows(tenantId: string, feed: SimulatedFeed): readonly Row[];
  /**
   * Applies changes in order. Those of one call share one `modifiedOn`; each call's is later than the last.
   *
   * @throws RangeError when an entity does not exist; the changes before it have happened.
   */
  mutate(tenantId: string, ...changes: readonly Change[]): readonly ChangedEntity[];
  /**
   * Changes this many different customers, contacts, locations, memberships, jobs and invoices, as a day's
   * work would. The same seed makes the same changes to the same data.
   */
  mutateRandomly(params: {
    readonly count: number;
    /** @defaultValue the simulator's */
    readonly seed?: number | undefined;
    /** @defaultValue the first one */
    readonly tenantId?: string | undefined;
  }): readonly ChangedEntity[];
  readonly faults: Faults;
  counters(): Counters;
  resetCounters(): void;
}

/**
 * Creates a simulator with its tenants' data.
 *
 * @throws RangeError or TypeError naming the option that makes no sense.
 * @example
 * const simulator = createSimulator({ seed: 7, tenants: [{ customers: 50 }] });
 * const server = await startSimulatorServer(simulator);
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const settings = toSettings(options);
  const tenants = createTenants(settings.seed, options.tenants ?? [{}]);
  const faults = createFaultInjector(createRandom(settings.seed, "faults"));
  const counters = createCounterBoard();
  const clock = createChangeClock(settings.now);
  const respond = createApiServer({ settings, tenants, faults, counters });

  function tenantOf(tenantId: string): TenantState {
    const tenant = tenants.find((candidate) => candidate.tenantId === tenantId);
    if (tenant === undefined) throw new RangeError(`There is no tenant ${tenantId}.`);
    return tenant;
  }

  function mutate(tenantId: string, ...changes: readonly Change[]): readonly ChangedEntity[] {
    const tenant = tenantOf(tenantId);
    const instant = clock.next();
    return changes.map((change) => applyChange(tenant, change, instant));
  }

  return {
    respond,
    handle: async (request) => responseOf(await respond(callOf(request)), request.signal),
    tenants: tenants.map(({ tenantId, environment, clientId, clientSecret, appKey }) => ({
      tenantId,
      environment,
      clientId,
      clientSecret,
      appKey,
    })),
    rows: (tenantId, feed) => tenantOf(tenantId).tables[feed].rows(),
    mutate,
    mutateRandomly({ count, seed = settings.seed, tenantId = tenants[0]?.tenantId ?? "" }) {
      const changes = chooseChanges(tenantOf(tenantId), count, createRandom(seed, "changes"));
      return changes.flatMap((change) => mutate(tenantId, change));
    },
    faults,
    counters: () => counters.read(),
    resetCounters: () => counters.reset(),
  };
}
