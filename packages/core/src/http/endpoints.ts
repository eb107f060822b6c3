import { ConfigError } from "../errors.js";
import type { Environment } from "../ports/tenant.js";

/** Where one environment is reached. Without trailing slash. */
export interface Endpoints {
  readonly apiUrl: string;
  readonly authUrl: string;
}

const hosts: Readonly<Record<Environment, Endpoints>> = {
  production: {
    apiUrl: "https://api.servicetitan.io",
    authUrl: "https://auth.servicetitan.io",
  },
  integration: {
    apiUrl: "https://api-integration.servicetitan.io",
    authUrl: "https://auth-integration.servicetitan.io",
  },
};

/**
 * ServiceTitan's hosts of an environment, or those that replace them (simulators, proxies).
 *
 * @throws {@link ConfigError} that lists every unusable address: credentials travel by https only; plain
 * http is for loopback addresses.
 */
export function endpointsOf(
  environment: Environment,
  overrides: { readonly apiUrl?: string | undefined; readonly authUrl?: string | undefined } = {},
): Endpoints {
  if (!Object.hasOwn(hosts, environment)) {
    throw new ConfigError('The environment must be "integration" or "production".');
  }
  const standard = hosts[environment];
  const apiUrl = overrides.apiUrl ?? standard.apiUrl;
  const authUrl = overrides.authUrl ?? standard.authUrl;
  const issues = [issueIn("apiUrl", apiUrl), issueIn("authUrl", authUrl)].filter((text) => text !== null);
  if (issues.length > 0) throw new ConfigError(issues.join(" "));
  return { apiUrl: withoutTrailingSlash(apiUrl), authUrl: withoutTrailingSlash(authUrl) };
}

/**
 * Checks an address that credentials will be sent to.
 * @throws {@link ConfigError} as {@link endpointsOf} does.
 */
export function checkEndpoint(name: string, url: string): string {
  const issue = issueIn(name, url);
  if (issue !== null) throw new ConfigError(issue);
  return withoutTrailingSlash(url);
}

/** Whether the address is plain http, which {@link checkEndpoint} allows to this machine only. */
export function isPlainHttp(url: string): boolean {
  return new URL(url).protocol === "http:";
}

/** `null` when the address is valid. Passwords in an address are never repeated. */
function issueIn(name: string, url: string): string | null {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.hostname === "") return `${name} is not an absolute URL.`;
  const came = `${parsed.protocol}//${parsed.host}`;
  if (parsed.username !== "" || parsed.password !== "") return `${name} must not contain a user or password.`;
  if (parsed.search !== "" || parsed.hash !== "") return `${name} must end before "?" and "#".`;
  if (parsed.protocol === "https:") return null;
  if (parsed.protocol !== "http:") return `${name} must be https, not ${came}.`;
  return isLoopback(parsed.hostname)
    ? null
    : `${name} must be https; plain http is for loopback addresses only, not ${came}.`;
}

/** The URL parser has already brought short and octal forms of 127.0.0.1 into this one. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
