import {
  type CredentialInput,
  type CredentialValues,
  checkCredentialInput,
} from "../auth/credential-values.js";
import type { Endpoints } from "../auth/endpoints.js";
import { maskSecret } from "../auth/mask.js";
import { type TitanSyncError, ValidationError } from "../errors.js";
import type { RateLimiters } from "../http/rate-limiter.js";
import type { AuditEntry, AuditLog } from "../ports/audit-log.js";
import type { Clock } from "../ports/clock.js";
import type {
  CredentialFilter,
  CredentialStore,
  NewCredential,
  Page,
  PageRequest,
} from "../ports/credential-store.js";
import type { EncryptionContext, Encryptor } from "../ports/encryptor.js";
import type { Logger } from "../ports/logger.js";
import type { Environment } from "../ports/tenant.js";
import { type ConnectionTest, type TestedCredential, testConnection } from "./connection-test.js";
import { type CredentialSummary, summariseCredential } from "./credential-summary.js";
import { contextOf, openCredential } from "./open-credential.js";

export interface CredentialTestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Who asks, for the audit log. @defaultValue "system" */
  readonly actor?: string | undefined;
}

export interface CreateCredentialOptions extends CredentialTestOptions {
  /** Store the credential only if ServiceTitan accepts it. @defaultValue false */
  readonly test?: boolean | undefined;
}

/** Creates, lists and tests credentials. Secrets go in and never come out. */
export interface CredentialManager {
  /**
   * Encrypts and stores a credential. When it is to be tested and is refused, nothing is stored.
   * @throws {@link ValidationError} for unusable values; {@link ConflictError} when the company already has
   * a credential for that environment; the error of the test.
   */
  create(
    input: CredentialInput,
    options?: CreateCredentialOptions,
  ): Promise<CredentialSummary & { readonly warnings: readonly string[] }>;
  /** `null` when the id is unknown. */
  find(id: string): Promise<CredentialSummary | null>;
  /** Ordered by company and environment. */
  list(filter: CredentialFilter, page: PageRequest): Promise<Page<CredentialSummary>>;
  /**
   * Tests a stored credential within ten seconds and notes the outcome on it.
   * @throws {@link ValidationError} when the id is unknown.
   */
  test(id: string, options?: CredentialTestOptions): Promise<ConnectionTest>;
  /**
   * Tests values before they are stored.
   * @throws {@link ValidationError} for unusable values.
   */
  testValues(input: CredentialInput, options?: CredentialTestOptions): Promise<ConnectionTest>;
}

export interface CredentialManagerOptions {
  readonly store: CredentialStore & AuditLog;
  readonly encryptor: Encryptor;
  readonly newId: () => string;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly fetch: typeof fetch;
  readonly logger: Logger;
  readonly endpoints: (environment: Environment) => Endpoints;
  readonly limiters: RateLimiters;
}

type SecretField = Exclude<EncryptionContext["field"], "accessToken">;
type TestOutcome = Awaited<ReturnType<typeof testConnection>>;

/**
 * @example
 * const summary = await manager.create({ companyId, tenantId, environment, clientId, clientSecret, appKey }, { test: true });
 */
export function createCredentialManager(options: CredentialManagerOptions): CredentialManager {
  const { store, encryptor } = options;

  async function encrypted(values: CredentialValues, id: string, version: number) {
    const { companyId, environment } = values;
    const encrypt = (field: SecretField): Promise<string> =>
      encryptor.encrypt(values[field].reveal(), contextOf({ id, companyId, environment, version }, field));
    return {
      clientId: await encrypt("clientId"),
      clientSecret: await encrypt("clientSecret"),
      appKey: await encrypt("appKey"),
    };
  }

  /** An audit log that fails must not undo what was done. */
  async function audit(entry: AuditEntry): Promise<void> {
    try {
      await store.appendAudit(entry);
    } catch {
      options.logger.warn(
        { action: entry.action, subject: entry.subject },
        "the audit log did not take an entry",
      );
    }
  }

  async function runTest(
    credential: TestedCredential & { readonly companyId: string; readonly environment: Environment },
    subject: string,
    { signal = new AbortController().signal, actor = "system" }: CredentialTestOptions,
  ): Promise<TestOutcome> {
    const { companyId, tenantId, environment } = credential;
    const endpoints = options.endpoints(environment);
    const outcome = await testConnection(credential, { ...options, endpoints }, signal);
    const shared = { actor, subject, companyId, outcome: auditOutcome(outcome.error) };
    const code = outcome.error?.code ?? null;
    const clientId = maskSecret(credential.clientId.reveal());
    const requested = {
      ...shared,
      outcome: outcome.test.steps[0]?.ok === true ? "success" : "failure",
    } as const;
    await audit({ ...requested, action: "token:request", details: { clientId } });
    await audit({
      ...shared,
      action: "connection:test",
      details: { tenantId, environment, clientId, appKey: maskSecret(credential.appKey.reveal()), code },
    });
    return outcome;
  }

  /** Not stored yet: the company is what it was done to. */
  const testInput = (values: CredentialValues, testOptions: CredentialTestOptions): Promise<TestOutcome> =>
    runTest(values, values.companyId, testOptions);

  return {
    async create(input, createOptions = {}) {
      const { values, warnings } = checkCredentialInput(input);
      const { test = false, actor = "system" } = createOptions;
      if (test) {
        const { error } = await testInput(values, createOptions);
        if (error !== null) throw error;
      }
      const { companyId, tenantId, environment } = values;
      const id = options.newId();
      const credential: NewCredential = {
        id,
        companyId,
        tenantId,
        environment,
        ...(await encrypted(values, id, 1)),
        status: test ? "connected" : "pending",
      };
      let stored = await store.createCredential(credential);
      if (test) {
        await store.setConnectionStatus({ id, version: stored.version, status: "connected" });
        stored = (await store.findCredential(stored.id)) ?? stored;
      }
      const summary = await summariseCredential(stored, encryptor);
      const { clientId, clientSecret, appKey } = summary;
      await audit({
        actor,
        action: "credential:create",
        subject: stored.id,
        companyId,
        outcome: "success",
        details: { tenantId, environment, clientId, clientSecret, appKey, tested: test },
      });
      return { ...summary, warnings };
    },

    async find(id) {
      const stored = await store.findCredential(id);
      return stored === null ? null : await summariseCredential(stored, encryptor);
    },

    async list(filter, page) {
      const { items, next } = await store.listCredentials(filter, page);
      return { items: await Promise.all(items.map((item) => summariseCredential(item, encryptor))), next };
    },

    async test(id, testOptions = {}) {
      const stored = await store.findCredential(id);
      if (stored === null) throw new ValidationError("There is no credential with this id.");
      const opened = await openCredential(stored, encryptor);
      const { companyId, tenantId, environment } = stored;
      const tested = { ...opened, companyId, tenantId, environment };
      const { test, error } = await runTest(tested, id, testOptions);
      await store.setConnectionStatus({
        id,
        version: stored.version,
        status: statusAfter(error, stored.status),
      });
      return test;
    },

    async testValues(input, testOptions = {}) {
      const { values } = checkCredentialInput(input);
      return (await testInput(values, testOptions)).test;
    },
  };
}

function auditOutcome(error: TitanSyncError | null): "success" | "failure" {
  return error === null ? "success" : "failure";
}

/** A failure that may pass says nothing about the credential. */
function statusAfter<Status>(error: TitanSyncError | null, before: Status): Status | "connected" | "error" {
  if (error === null) return "connected";
  return error.retryable ? before : "error";
}
