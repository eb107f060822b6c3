import {
  type CompanyDetails,
  createTitanSync,
  generateEncryptionKey,
  type RunResult,
  type SyncRequest,
  staticKeys,
  type TitanSyncOptions,
} from "@titan-sync/core";
import type { Source } from "./source-process.js";

/** An instance with one credential of a source. */
export interface Connection {
  /** @throws Error when the run did not complete. */
  sync(request?: Omit<SyncRequest, "credentialId">): Promise<RunResult>;
}

/** Whose data it is. */
export const companyId = "acme";
export const company: CompanyDetails = { trade: "HVAC", importId: 7, timeZone: "America/Chicago" };

/** The most that may be set: more than is reached here but with the smallest pages. */
const maxPerSecond = 1000;

/** Connects an instance of ours to a source, without a limit of requests unless one is given. */
export async function connect(
  source: Source,
  options: Pick<TitanSyncOptions, "storage" | "sink"> & Partial<TitanSyncOptions>,
): Promise<Connection> {
  const titan = createTitanSync({
    keys: staticKeys(generateEncryptionKey()),
    company: async () => company,
    endpoints: { apiUrl: source.url, authUrl: source.url },
    requestsPerSecond: maxPerSecond,
    ...options,
  });
  const { id: credentialId } = await titan.credentials.create({ companyId, ...source.tenant });
  return {
    async sync(request = {}) {
      const run = await titan.sync({ credentialId, ...request });
      const result = await run.result;
      if (result.status !== "completed" && result.status !== "paused") {
        throw new Error(`The run ended ${result.status}: ${JSON.stringify(result)}`);
      }
      return result;
    },
  };
}
