import { createSimulator, type SimulatorOptions } from "@titan-sync/simulator";
import { createCredentialManager } from "../credentials/credential-manager.js";
import type { CredentialInput } from "../credentials/credential-values.js";
import { memoryStorage } from "../memory/memory-storage.js";
import type { Encryptor } from "../ports/encryptor.js";
import { shippedCatalog } from "../records/definitions/definitions.js";
import { createCapturingLogger } from "./capturing-logger.js";
import { createFakeClock } from "./fake-clock.js";
import { createOpenLimiter } from "./open-limiter.js";
import { testEncryptor } from "./stored-credential.js";

/** A credential manager on a storage in memory that talks to a simulated ServiceTitan in this process. */
export function createSimulatedManager({
  encryptor = testEncryptor(),
  feedsOff = [],
  ...options
}: SimulatorOptions & { readonly encryptor?: Encryptor; readonly feedsOff?: readonly string[] } = {}) {
  const clock = createFakeClock();
  const simulator = createSimulator({ tenants: [{ customers: 2 }], now: () => clock.now(), ...options });
  const storage = memoryStorage({ clock });
  const logger = createCapturingLogger();
  let ids = 0;
  const managerOptions = {
    store: storage,
    encryptor,
    newId: () => {
      ids += 1;
      return `credential-${ids}`;
    },
    clock,
    random: () => 0.5,
    fetch: ((input, init) => simulator.handle(new Request(input, init))) satisfies typeof fetch,
    logger,
    endpoints: () => ({ apiUrl: "https://api.example.com", authUrl: "https://auth.example.com" }),
    limiters: { for: () => createOpenLimiter(clock) },
    feedsOff: async () => feedsOff,
    catalog: shippedCatalog,
  };
  const manager = createCredentialManager(managerOptions);
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const { tenantId, environment, clientId, clientSecret, appKey } = tenant;
  const input: CredentialInput = { companyId: "acme", tenantId, environment, clientId, clientSecret, appKey };
  const auditTrail = async () => [...(await storage.listAudit({}, { limit: 100 })).items].reverse();
  return { manager, managerOptions, simulator, storage, encryptor, clock, logger, input, auditTrail };
}
