import { createAuditor, type SecretUse } from "../audit/auditor.js";
import { changedMeanwhile } from "../conflicts.js";
import { ConflictError, errorCodeOf, ValidationError } from "../errors.js";
import type { AuditEntry, AuditLog } from "../ports/audit-log.js";
import type { CredentialFilter, CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { EntityStore } from "../ports/entity-store.js";
import type { Page, PageRequest } from "../ports/page.js";
import type { Environment } from "../ports/tenant.js";
import type { TokenStore } from "../ports/token-store.js";
import type { ConnectionTest } from "./connection-verdict.js";
import { type CredentialSummary, maskedValues, summariseCredential } from "./credential-summary.js";
import {
  type ActingOptions,
  type CredentialTesterOptions,
  type CredentialTestOptions,
  createCredentialTester,
} from "./credential-tester.js";
import { type CredentialInput, type CredentialValues, checkCredentialInput } from "./credential-values.js";
import { encryptValues, secretFields } from "./encrypt-values.js";
import { mergeChanges } from "./merge-changes.js";
import type { IssuedToken } from "./token-client.js";

export type { CredentialTestOptions } from "./credential-tester.js";

export interface CreateCredentialOptions extends CredentialTestOptions {
  /** Store the credential only if ServiceTitan accepts it. @defaultValue false */
  readonly test?: boolean | undefined;
}

/** The changes to a credential; absent fields stay. Its company and environment cannot change. */
export type CredentialChanges = Readonly<
  Partial<Record<"tenantId" | "clientId" | "clientSecret" | "appKey", string | undefined>>
>;

export interface UpdateCredentialOptions extends CreateCredentialOptions {
  /** Refuse the change if the credential no longer has this version. @defaultValue the stored version */
  readonly expectedVersion?: number | undefined;
}

export interface RemoveCredentialOptions extends ActingOptions {
  /** Remove it even within 24 hours of a sync. @defaultValue false */
  readonly force?: boolean | undefined;
  /** Also remove the stored data of its tenant. @defaultValue false */
  readonly withData?: boolean | undefined;
}

/** A stored credential, with warnings about suspicious values. */
export type SavedCredential = CredentialSummary & { readonly warnings: readonly string[] };

/** Creates, changes, tests, lists and removes credentials. Secrets go in and never come out. */
export interface CredentialManager {
  /**
   * Encrypts and stores a credential. If `test` is set and ServiceTitan refuses the credential, nothing is stored.
   * @throws {@link ValidationError} for unusable values; {@link ConflictError} when the company already has a
   * credential for that environment; the error of the test.
   */
  create(input: CredentialInput, options?: CreateCredentialOptions): Promise<SavedCredential>;
  /**
   * Changes values. The token is dropped and the status reset, unless the values are the same. If `test` is set and
   * ServiceTitan refuses the new values, nothing changes.
   * @throws {@link ValidationError} for an unknown id or unusable values; {@link ConflictError} when the credential was
   * changed meanwhile, or for another tenant id once data of the old one has landed; {@link CryptoError} when stored
   * values cannot be decrypted; the error of the test.
   */
  update(id: string, changes: CredentialChanges, options?: UpdateCredentialOptions): Promise<SavedCredential>;
  /**
   * @returns whether there was one.
   * @throws {@link ConflictError} within 24 hours of a sync unless forced, and always while a run is in progress.
   */
  remove(id: string, options?: RemoveCredentialOptions): Promise<boolean>;
  /** `null` when the id is unknown. */
  find(id: string): Promise<CredentialSummary | null>;
  /** The company's credential for an environment; `null` when it has none. */
  findFor(companyId: string, environment: Environment): Promise<CredentialSummary | null>;
  /** Ordered by company and environment. */
  list(filter: CredentialFilter, page: PageRequest): Promise<Page<CredentialSummary>>;
  /**
   * Tests a stored credential, in at most ten seconds, and updates its status.
   * @throws {@link ValidationError} when the id is unknown; {@link CryptoError} when it cannot be decrypted.
   */
  test(id: string, options?: CredentialTestOptions): Promise<ConnectionTest>;
  /**
   * Tests values before they are stored.
   * @throws {@link ValidationError} for unusable values.
   */
  testValues(input: CredentialInput, options?: CredentialTestOptions): Promise<ConnectionTest>;
}

export interface CredentialManagerOptions extends Omit<CredentialTesterOptions, "auditor"> {
  readonly store: CredentialStore & TokenStore & Pick<EntityStore, "hasLandedData"> & AuditLog;
  readonly newId: () => string;
}

/** Removing a recently synced credential is usually a mistake. */
const protectedAfterSyncMs = 24 * 60 * 60 * 1000;

/**
 * @example
 * const summary = await manager.create({ companyId, tenantId, environment, clientId, clientSecret, appKey }, { test: true });
 */
export function createCredentialManager(options: CredentialManagerOptions): CredentialManager {
  const { store, encryptor, clock } = options;
  const auditor = createAuditor(store, options.logger);
  const tester = createCredentialTester({ ...options, auditor });

  /** Records a change in the audit log, or why it failed. */
  async function audited<Result>(
    entry: Omit<AuditEntry, "outcome">,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      const result = await work();
      await auditor.record({ ...entry, outcome: "success" });
      return result;
    } catch (error) {
      const code = errorCodeOf(error);
      await auditor.record({ ...entry, outcome: "failure", details: { ...entry.details, code } });
      throw error;
    }
  }

  /** `null` when no test is asked for. */
  async function tested(
    values: CredentialValues,
    testOptions: CreateCredentialOptions,
  ): Promise<{ readonly token: IssuedToken | null; readonly warnings: readonly string[] }> {
    if (testOptions.test !== true) return { token: null, warnings: [] };
    const { error, token, test } = await tester.testValues(values, testOptions);
    if (error !== null) throw error;
    return { token, warnings: test.missingScopes.map((scope) => `The scope ${scope} is not granted.`) };
  }

  /** A successful test applies to the values that are now stored. */
  async function saved(
    stored: StoredCredential,
    token: IssuedToken | null,
    warnings: readonly string[],
  ): Promise<SavedCredential> {
    if (token !== null) {
      await tester.keepToken(stored, token);
      const { id, version } = stored;
      await store.setConnectionStatus({ id, version, status: "connected" });
    }
    const current = (await store.findCredential(stored.id)) ?? stored;
    return { ...(await summariseCredential(current, encryptor)), warnings };
  }

  const recordEncrypted = (
    credential: SecretUse["credential"],
    actor: string,
    purpose: "create" | "update",
  ) => auditor.recordSecrets({ actor, action: "secret:encrypt", credential, fields: secretFields, purpose });

  async function required(id: string): Promise<StoredCredential> {
    const stored = await store.findCredential(id);
    if (stored === null) throw new ValidationError("No credential with this id exists.");
    return stored;
  }

  async function refuseLosingData(stored: StoredCredential, tenantId: string): Promise<void> {
    const { companyId, environment } = stored;
    if (tenantId === stored.tenantId) return;
    if (!(await store.hasLandedData({ companyId, environment, tenantId: stored.tenantId }))) return;
    throw new ConflictError("The tenant id cannot change: data of the tenant is already stored.", {
      hint: "Remove the credential, with or without its data, and create one for the other tenant.",
    });
  }

  return {
    async create(input, createOptions = {}) {
      const { values, warnings } = checkCredentialInput(input);
      const { actor = "system", requestId, test = false } = createOptions;
      const { companyId, tenantId, environment } = values;
      const id = options.newId();
      const entry = {
        actor,
        requestId,
        action: "credential:create",
        subject: id,
        companyId,
        details: { tenantId, environment, ...maskedValues(values), tested: test },
      };
      return await audited(entry, async () => {
        const outcome = await tested(values, createOptions);
        const row = { id, companyId, environment, version: 1 };
        const stored = await store.createCredential({
          id,
          companyId,
          tenantId,
          environment,
          ...(await encryptValues(values, row, encryptor)),
          status: "pending",
        });
        await recordEncrypted(stored, actor, "create");
        return await saved(stored, outcome.token, [...warnings, ...outcome.warnings]);
      });
    },

    async update(id, changes, updateOptions = {}) {
      const stored = await required(id);
      const { actor = "system", requestId, test = false, expectedVersion = stored.version } = updateOptions;
      const { values, changed, warnings } = await mergeChanges(stored, changes, encryptor);
      const { companyId, environment } = stored;
      const { tenantId } = values;
      const entry = {
        actor,
        requestId,
        action: "credential:update",
        subject: id,
        companyId,
        details: { tenantId, environment, ...maskedValues(values), changed, tested: test },
      };
      return await audited(entry, async () => {
        if (expectedVersion !== stored.version) throw changedMeanwhile("credential");
        await refuseLosingData(stored, tenantId);
        const outcome = await tested(values, updateOptions);
        if (changed.length === 0)
          return await saved(stored, outcome.token, [...warnings, ...outcome.warnings]);
        const next = { id, companyId, environment, version: stored.version + 1 };
        const updated = await store.updateCredential({
          id,
          expectedVersion,
          tenantId,
          ...(await encryptValues(values, next, encryptor)),
        });
        await recordEncrypted(updated, actor, "update");
        return await saved(updated, outcome.token, [...warnings, ...outcome.warnings]);
      });
    },

    async remove(id, { actor = "system", requestId, force = false, withData = false } = {}) {
      const stored = await store.findCredential(id);
      if (stored === null) return false;
      const { companyId, tenantId, environment, lastSyncAt } = stored;
      const entry = {
        actor,
        requestId,
        action: "credential:remove",
        subject: id,
        companyId,
        details: { tenantId, environment, withData, forced: force },
      };
      return await audited(entry, async () => {
        if (!force && lastSyncAt !== null && clock.now() - lastSyncAt < protectedAfterSyncMs) {
          throw new ConflictError("The credential was used for a sync within the last 24 hours.", {
            hint: "To remove it anyway, use force.",
          });
        }
        return await store.removeCredential({ id, withData });
      });
    },

    async find(id) {
      const stored = await store.findCredential(id);
      return stored === null ? null : await summariseCredential(stored, encryptor);
    },

    async findFor(companyId, environment) {
      const { items } = await store.listCredentials({ companyId, environment }, { limit: 1 });
      const [stored] = items;
      return stored === undefined ? null : await summariseCredential(stored, encryptor);
    },

    async list(filter, page) {
      const { items, next } = await store.listCredentials(filter, page);
      return { items: await Promise.all(items.map((item) => summariseCredential(item, encryptor))), next };
    },

    async test(id, testOptions = {}) {
      return (await tester.testStored(await required(id), testOptions)).test;
    },

    async testValues(input, testOptions = {}) {
      const { values } = checkCredentialInput(input);
      return (await tester.testValues(values, testOptions)).test;
    },
  };
}
