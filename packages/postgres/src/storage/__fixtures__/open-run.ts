import { randomUUID } from "node:crypto";
import type { LandParams, NewEntity, StartedRun, Storage, TenantScope } from "@titan-sync/core";
import { openRun } from "@titan-sync/core/testing";

/** A run of a company that nobody else knows. */
export interface OpenedRun extends StartedRun {
  readonly scope: TenantScope;
  /** Lands customers. */
  land(params?: Partial<LandParams>): ReturnType<Storage["landRows"]>;
}

export async function openOwnRun(storage: Storage, leaseMs = 60_000): Promise<OpenedRun> {
  const scope: TenantScope = {
    companyId: `company-${randomUUID()}`,
    environment: "production",
    tenantId: "100200300",
  };
  const { id: credentialId } = await storage.createCredential({
    id: randomUUID(),
    ...scope,
    clientId: "encrypted-client-id",
    clientSecret: "encrypted-client-secret",
    appKey: "encrypted-app-key",
    status: "connected",
  });
  const begun = await openRun(storage, { credentialId, scope, runId: randomUUID(), leaseMs });
  return {
    ...begun,
    scope,
    land: (params) =>
      storage.landRows({
        lease: begun.lease,
        scope,
        feed: "customers",
        source: "export",
        entities: [],
        rejections: [],
        touches: [],
        repeated: 0,
        cursor: null,
        endsPage: true,
        markSeen: false,
        healsBefore: null,
        ...params,
      }),
  };
}

export function customer(id: number, payload = JSON.stringify({ id })): NewEntity {
  return {
    id: String(id),
    payload,
    contentHash: `hash of ${id}`,
    usedHash: `hash of ${id}`,
    modifiedOn: "2026-03-01T10:00:00.0000000Z",
    links: {},
  };
}
