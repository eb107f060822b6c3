import { ApiResponseError, InsufficientScopeError, type TitanSyncError } from "../errors.js";
import type { ScopeProbe } from "./scope-probes.js";

/** One step of a connection test. */
export interface ConnectionTestStep {
  /** The tenant is correct if any call for it succeeded; a `scope` represents the feeds that need it. */
  readonly step: "token" | "app-key" | "tenant" | "scope";
  /** Such as `tn.crm.customers:r`; `null` for the other steps. */
  readonly scope: string | null;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly message: string;
  /** What to do about a failure. */
  readonly hint: string | null;
}

/** Whether ServiceTitan accepts a credential, and where it stopped. */
export interface ConnectionTest {
  /**
   * Whether there is something to sync: token, app key and tenant are accepted, and customers or invoices
   * can be read. A missing scope beyond that costs the fields that come from its feeds.
   */
  readonly ok: boolean;
  /**
   * Token, app key, tenant, then each scope, up to the first failure that makes further requests pointless.
   */
  readonly steps: readonly ConnectionTestStep[];
  /** The scopes that are not granted. */
  readonly missingScopes: readonly string[];
}

export interface ConnectionTestResult {
  readonly test: ConnectionTest;
  /** The cause of the failure; `null` when the test is ok. */
  readonly error: TitanSyncError | null;
}

/** How one call of a connection test went. */
export interface StepOutcome {
  /** `null` when it succeeded. */
  readonly error: TitanSyncError | null;
  readonly durationMs: number;
}

export type ProbeOutcome = ScopeProbe & StepOutcome;

/** Nothing else can be asked without a token. */
export function withoutToken(token: StepOutcome, error: TitanSyncError): ConnectionTestResult {
  return { test: { ok: false, steps: [tokenStep(token)], missingScopes: [] }, error };
}

/** What the calls for a tenant say about app key, tenant and scopes. The first one was made before the others. */
export function afterProbes(
  token: StepOutcome,
  probes: readonly [ProbeOutcome, ...ProbeOutcome[]],
): ConnectionTestResult {
  const [first] = probes;
  const steps = [tokenStep(token)];
  const fail = (error: TitanSyncError): ConnectionTestResult => ({
    test: { ok: false, steps, missingScopes: missingOf(probes) },
    error,
  });

  if (first.error !== null && !provesAppKey(first.error)) {
    steps.push(stepOf("app-key", first, ""));
    return fail(first.error);
  }
  steps.push(stepOf("app-key", { ...first, error: null }, "The app key is accepted."));

  const tenant = tenantOutcome(probes);
  steps.push(stepOf("tenant", tenant, "The tenant can be read."));
  if (probes.length > 1) steps.push(...probes.map(scopeStep));
  const drivers = probes.filter((probe) => probe.isDriver);
  const isReadable = drivers.some((probe) => probe.error === null);
  const error = tenant.error ?? (isReadable ? null : first.error);
  if (error !== null) return fail(error);
  return { test: { ok: true, steps, missingScopes: missingOf(probes) }, error: null };
}

/** The gateway checks the app key before anything else: any other error means that it is valid. */
function provesAppKey(error: TitanSyncError): boolean {
  const isRefusal = error instanceof ApiResponseError && error.status >= 400 && error.status < 500;
  return isRefusal || error instanceof InsufficientScopeError;
}

/** The response for a wrong tenant is not documented: it is right if anything of it can be read. */
function tenantOutcome(probes: readonly [ProbeOutcome, ...ProbeOutcome[]]): StepOutcome {
  const [first] = probes;
  const good = probes.find((probe) => probe.error === null);
  if (good !== undefined) return good;
  const isWithoutScopes = probes.every((probe) => probe.error instanceof InsufficientScopeError);
  if (!isWithoutScopes)
    return probes.find((probe) => !(probe.error instanceof InsufficientScopeError)) ?? first;
  const error = new InsufficientScopeError("The app may not read any data of this tenant.", {
    hint: "Check the tenant id and the environment, grant the app its scopes, and have the tenant's administrator accept the app under Settings > Integrations > API Application Access.",
  });
  return { ...first, error };
}

const missingOf = (probes: readonly ProbeOutcome[]): readonly string[] =>
  probes.filter((probe) => probe.error instanceof InsufficientScopeError).map((probe) => probe.scope);

const tokenStep = (outcome: StepOutcome): ConnectionTestStep =>
  stepOf("token", outcome, "ServiceTitan issued a token.");

function scopeStep(probe: ProbeOutcome): ConnectionTestStep {
  const { scope, feeds } = probe;
  const step = stepOf("scope", probe, `${scope} is granted (${feeds.join(", ")}).`, scope);
  if (!(probe.error instanceof InsufficientScopeError)) return step;
  return { ...step, message: `${scope} is not granted (${feeds.join(", ")}).` };
}

function stepOf(
  step: ConnectionTestStep["step"],
  { error, durationMs }: StepOutcome,
  good: string,
  scope: string | null = null,
): ConnectionTestStep {
  if (error === null) return { step, scope, ok: true, durationMs, message: good, hint: null };
  return { step, scope, ok: false, durationMs, message: error.message, hint: error.hint };
}
