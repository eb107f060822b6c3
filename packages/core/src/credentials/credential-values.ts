import { invalid } from "../check-request.js";
import { Secret } from "../crypto/secret.js";
import type { Environment } from "../ports/tenant.js";

/** What somebody enters to connect one company with one environment of ServiceTitan. */
export interface CredentialInput {
  /** The host's key for the company. */
  readonly companyId: string;
  /** ServiceTitan's tenant id: digits. */
  readonly tenantId: string;
  readonly environment: Environment;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appKey: string;
}

/** Checked values. They do not change anymore, and printing them shows no secret. */
export interface CredentialValues {
  readonly companyId: string;
  readonly tenantId: string;
  readonly environment: Environment;
  readonly clientId: Secret;
  readonly clientSecret: Secret;
  readonly appKey: Secret;
}

type Field = keyof CredentialInput;

const labels: Readonly<Record<Field, string>> = {
  companyId: "company id",
  tenantId: "tenant id",
  environment: "environment",
  clientId: "client id",
  clientSecret: "client secret",
  appKey: "app key",
};

/** As seen in practice; they are not documented, so another prefix only causes a warning. */
const prefixes = {
  clientId: { pattern: /^cid\./, text: '"cid."' },
  clientSecret: { pattern: /^cs[12]\./, text: '"cs1." or "cs2."' },
  appKey: { pattern: /^ak1\./, text: '"ak1."' },
} as const;

/**
 * Checks what was entered and removes whitespace around it. Secrets are never repeated.
 *
 * @throws `ValidationError` with every mistake at once in `issues`.
 */
export function checkCredentialInput(input: CredentialInput): {
  readonly values: CredentialValues;
  readonly warnings: readonly string[];
} {
  const warnings: string[] = [];
  const issues: string[] = [];
  // Typed, but it is external input.
  const given: Partial<Record<Field, unknown>> = input ?? {};
  const clean = (field: Field): string => trimmed(field, given[field], warnings, issues);

  const entered = {
    companyId: clean("companyId"),
    tenantId: clean("tenantId"),
    environment: clean("environment"),
    clientId: clean("clientId"),
    clientSecret: clean("clientSecret"),
    appKey: clean("appKey"),
  };
  const { companyId, tenantId, environment } = entered;
  if (tenantId !== "" && !/^\d{1,19}$/.test(tenantId)) {
    issues.push("tenantId: the tenant id must contain only digits");
  }
  if (environment !== "" && !isEnvironment(environment)) {
    issues.push('environment: must be "integration" or "production"');
  }
  checkSecrets(entered, warnings, issues);
  if (issues.length > 0 || !isEnvironment(environment)) {
    throw invalid("credential", issues);
  }
  const values = Object.freeze({
    companyId,
    tenantId,
    environment,
    clientId: new Secret(entered.clientId),
    clientSecret: new Secret(entered.clientSecret),
    appKey: new Secret(entered.appKey),
  });
  return { values, warnings };
}

function trimmed(field: Field, value: unknown, warnings: string[], issues: string[]): string {
  if (typeof value !== "string") {
    issues.push(`${field}: the ${labels[field]} must be text`);
    return "";
  }
  const text = value.trim();
  if (text === "") issues.push(`${field}: the ${labels[field]} is empty`);
  else if (text !== value) warnings.push(`Whitespace around the ${labels[field]} was removed.`);
  return text;
}

function checkSecrets(
  values: { readonly clientId: string; readonly clientSecret: string; readonly appKey: string },
  warnings: string[],
  issues: string[],
): void {
  const swapped = prefixes.clientId.pattern.test(values.clientSecret) || /^cs\d\./.test(values.clientId);
  if (swapped) issues.push("clientId, clientSecret: the client id and the client secret look swapped");

  for (const field of ["clientId", "clientSecret", "appKey"] as const) {
    const value = values[field];
    if (value === "") continue;
    // Such characters cannot be sent, and come from copying out of a formatted document.
    if (!/^[\x20-\x7e]*$/.test(value)) {
      issues.push(`${field}: the ${labels[field]} contains characters that are not printable ASCII`);
    } else if (/^(["'`]).*\1$/.test(value)) {
      issues.push(`${field}: the ${labels[field]} is in quotation marks`);
    } else if (value.includes(" ")) {
      warnings.push(`There is a space inside the ${labels[field]}.`);
    }
    if (!swapped && !prefixes[field].pattern.test(value)) {
      warnings.push(`The ${labels[field]} does not begin with ${prefixes[field].text}, as usual.`);
    }
  }
}

function isEnvironment(value: string): value is Environment {
  return value === "integration" || value === "production";
}
