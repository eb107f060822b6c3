import { type Environment, endpointsOf } from "@titan-sync/core";
import type { Settings } from "../../configuration/load-settings.js";
import { checkClock } from "./check-clock.js";
import { checkHost } from "./check-host.js";
import type { Finding } from "./finding.js";

const timeoutMs = 5_000;

/**
 * Whether the hosts of these environments answer, of production without any, and agree with us on the time.
 * @throws the signal's reason when stopped.
 */
export async function checkHosts(
  settings: Pick<Settings, "apiUrl" | "authUrl">,
  environments: readonly Environment[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const overrides = { apiUrl: settings.apiUrl ?? undefined, authUrl: settings.authUrl ?? undefined };
  const asked = new Set<Environment>(environments.length === 0 ? ["production"] : environments);
  const endpoints = [...asked].map((environment) => endpointsOf(environment, overrides));
  const options = { fetch: globalThis.fetch, now: Date.now, timeoutMs, signal };
  const checks = await Promise.all([
    ...distinct(endpoints.map(({ apiUrl }) => apiUrl)).map((url) => checkHost("API host", url, options)),
    ...distinct(endpoints.map(({ authUrl }) => authUrl)).map((url) =>
      checkHost("sign-in host", url, options),
    ),
  ]);
  const clockAheadMs = checks.map((check) => check.clockAheadMs).filter((ahead) => ahead !== null);
  return [...checks.map(({ finding }) => finding), ...checkClock(clockAheadMs)];
}

/** Both environments have the same host if it is replaced. */
function distinct(urls: readonly string[]): readonly string[] {
  return [...new Set(urls)];
}
