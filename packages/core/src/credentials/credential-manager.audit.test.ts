import { describe, expect, it } from "vitest";
import { failureOf } from "../__fixtures__/failure-of.js";
import { createSimulatedManager } from "../__fixtures__/simulated-manager.js";
import { StorageError } from "../errors.js";
import { createCredentialManager } from "./credential-manager.js";

const otherSecret = "cs1.kanari-another-secret-altogether";

describe("the audit log", () => {
  it("records every change with actor, request and masked values", async () => {
    const { manager, input, auditTrail } = createSimulatedManager();
    const by = { actor: "ada", requestId: "request-1" };
    const { id } = await manager.create(input, by);
    await manager.update(id, { clientSecret: otherSecret, tenantId: "77" }, by);
    await manager.remove(id, by);

    const shared = { ...by, subject: id, companyId: "acme", outcome: "success" };
    expect((await auditTrail()).filter(({ action }) => action.startsWith("credential:"))).toMatchObject([
      {
        ...shared,
        action: "credential:create",
        details: { clientSecret: `cs1.…${input.clientSecret.slice(-4)}`, tested: false },
      },
      {
        ...shared,
        action: "credential:update",
        details: { clientSecret: "cs1.…ther", tenantId: "77", changed: ["clientSecret", "tenantId"] },
      },
      { ...shared, action: "credential:remove", details: { withData: false, forced: false } },
    ]);
  });

  it("records each use of a secret: who, which credential, which fields, what for", async () => {
    const { manager, input, auditTrail } = createSimulatedManager();
    const { id } = await manager.create(input, { actor: "ada" });
    await manager.update(id, { appKey: "ak1.another-app-key-altogether" }, { actor: "bob" });
    await manager.test(id, { actor: "eve" });
    await manager.list({}, { limit: 5 });

    const fields = ["clientId", "clientSecret", "appKey"];
    expect((await auditTrail()).filter(({ action }) => action.startsWith("secret:"))).toMatchObject([
      {
        actor: "ada",
        action: "secret:encrypt",
        subject: id,
        details: { fields, purpose: "create", version: 1 },
      },
      {
        actor: "bob",
        action: "secret:encrypt",
        subject: id,
        details: { fields, purpose: "update", version: 2 },
      },
      {
        actor: "eve",
        action: "secret:decrypt",
        subject: id,
        details: { fields, purpose: "test", version: 2 },
      },
    ]);
  });

  it("records a change that was refused, and why", async () => {
    const { manager, input, auditTrail } = createSimulatedManager();
    await manager.create(input);
    await failureOf(manager.create(input, { actor: "ada" }));

    expect((await auditTrail()).at(-1)).toMatchObject({
      actor: "ada",
      action: "credential:create",
      outcome: "failure",
      details: { code: "CONFLICT" },
    });
  });

  it("records tests of stored values and of new ones", async () => {
    const { manager, input, auditTrail } = createSimulatedManager();
    await manager.testValues({ ...input, clientSecret: otherSecret });
    const { id } = await manager.create(input);
    await manager.test(id);

    expect(
      (await auditTrail())
        .filter(({ action }) => action === "connection:test" || action === "token:request")
        .map(({ action, subject, outcome, details }) => [action, subject, outcome, details["code"]]),
    ).toEqual([
      ["token:request", "acme", "failure", "AUTH_INVALID_CREDENTIALS"],
      ["connection:test", "acme", "failure", "AUTH_INVALID_CREDENTIALS"],
      ["token:request", id, "success", null],
      ["connection:test", id, "success", null],
    ]);
  });

  it("does not stop the operation when it fails", async () => {
    const { managerOptions, logger, input } = createSimulatedManager();
    const appendAudit = async () => Promise.reject(new StorageError("m"));
    const manager = createCredentialManager({
      ...managerOptions,
      store: { ...managerOptions.store, appendAudit },
    });

    await expect(manager.create(input)).resolves.toMatchObject({ version: 1 });
    expect(logger.lines.map((line) => line.message)).toContain("an audit log entry could not be written");
  });
});
