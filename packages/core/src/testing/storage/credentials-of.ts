import { randomUUID } from "node:crypto";
import type { NewCredential, StoredCredential } from "../../ports/credential-store.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId } from "./tenant-under-test.js";

export function newCredential(given: Partial<NewCredential> = {}): NewCredential {
  return {
    id: randomUUID(),
    companyId: randomCompanyId(),
    tenantId: "100200300",
    environment: "production",
    clientId: "encrypted-client-id",
    clientSecret: "encrypted-client-secret",
    appKey: "encrypted-app-key",
    status: "pending",
    ...given,
  };
}

/** What tests do with credentials, with what they seldom care about filled in. */
export function credentialsOf(fixture: StorageFixture) {
  const create = (given?: Partial<NewCredential>): Promise<StoredCredential> =>
    fixture.storage.createCredential(newCredential(given));
  const find = async (id: string): Promise<StoredCredential> => {
    const found = await fixture.storage.findCredential(id);
    if (found === null) throw new Error("The credential is not stored.");
    return found;
  };
  const update = (credential: StoredCredential, expectedVersion = credential.version) =>
    fixture.storage.updateCredential({
      id: credential.id,
      expectedVersion,
      tenantId: "400",
      clientId: "other-client-id",
      clientSecret: "other-client-secret",
      appKey: "other-app-key",
    });
  return { create, find, update };
}
