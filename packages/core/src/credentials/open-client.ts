import { createAuditor } from "../audit/auditor.js";
import { ValidationError } from "../errors.js";
import { type ApiClient, createApiClient } from "../http/api-client.js";
import type { CallGuards } from "../http/call-guards.js";
import type { Endpoints } from "../http/endpoints.js";
import type { RetryOptions } from "../http/policy.js";
import type { RateLimiters } from "../http/rate-limiters.js";
import type { AuditLog } from "../ports/audit-log.js";
import type { Clock } from "../ports/clock.js";
import type { CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";
import type { Logger } from "../ports/logger.js";
import type { Environment } from "../ports/tenant.js";
import type { TokenStore } from "../ports/token-store.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import { secretFields } from "./encrypt-values.js";
import { openCredential } from "./open-credential.js";
import { scopeProbes } from "./scope-probes.js";
import { createTokenClient } from "./token-client.js";
import { createTokenProvider } from "./token-provider.js";

type Audit = Pick<AuditLog, "appendAudit">;

export interface ClientOpenerOptions {
  /** The record types whose feeds are requested to find out whether the API responds again. */
  readonly catalog: RecordCatalog;
  readonly store: CredentialStore & TokenStore & Audit;
  readonly encryptor: Encryptor;
  readonly endpoints: (environment: Environment) => Endpoints;
  readonly limiters: RateLimiters;
  readonly guards: CallGuards;
  readonly retry: RetryOptions;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Opens credentials to call ServiceTitan's API with them. That they were opened is audited. */
export interface ClientOpener {
  /** @throws {@link CryptoError} when the credential cannot be decrypted. */
  open(stored: StoredCredential, use: { readonly actor: string; readonly audit: Audit }): Promise<ApiClient>;
  /** @throws {@link ValidationError} for an unknown credential; as {@link ClientOpener.open} does. */
  openById(credentialId: string, actor: string): Promise<ApiClient>;
}

export function createClientOpener(options: ClientOpenerOptions): ClientOpener {
  const { catalog, store, encryptor, endpoints, limiters, guards, retry, ...shared } = options;

  const open: ClientOpener["open"] = async (stored, { actor, audit }) => {
    const { appKey } = await openCredential(stored, encryptor);
    await createAuditor(audit, shared.logger).recordSecrets({
      actor,
      action: "secret:decrypt",
      credential: stored,
      fields: secretFields,
      purpose: "sync",
    });
    const { apiUrl, authUrl } = endpoints(stored.environment);
    const tokens = createTokenProvider({
      ...shared,
      credentialId: stored.id,
      store,
      encryptor,
      client: createTokenClient({ authUrl, fetch: shared.fetch, clock: shared.clock }),
      audit,
    });
    const limiter = limiters.for(stored.tenantId, appKey);
    const guard = guards.for(stored.id);
    const probes = scopeProbes(catalog).map(
      ({ module, path }) => `${module}/v2/tenant/${stored.tenantId}/${path}`,
    );
    return createApiClient({ ...shared, apiUrl, appKey, tokens, probes, limiter, guard, retry });
  };

  return {
    open,
    async openById(credentialId, actor) {
      const stored = await store.findCredential(credentialId);
      if (stored === null) throw new ValidationError("No credential with this id exists.");
      return await open(stored, { actor, audit: store });
    },
  };
}
