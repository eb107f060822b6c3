import { describe, expect, it } from "vitest";
import { testEncryptor } from "../__fixtures__/stored-credential.js";
import { id, setUpTokens, unavailable } from "../__fixtures__/token-processes.js";
import {
  AbortedError,
  ConflictError,
  InvalidCredentialsError,
  StorageError,
  TokenRequestError,
} from "../errors.js";
import { renewalTime } from "./token-provider.js";

describe("renewalTime", () => {
  it("is 300 seconds before expiry, but not before a third of the lifetime has passed", () => {
    expect(renewalTime({ issuedAt: 0, expiresAt: 900_000 })).toBe(600_000);
    expect(renewalTime({ issuedAt: 0, expiresAt: 3_600_000 })).toBe(3_300_000);
    expect(renewalTime({ issuedAt: 0, expiresAt: 300_000 })).toBe(100_000);
    expect(renewalTime({ issuedAt: 0, expiresAt: 30_000 })).toBe(10_000);
  });
});

describe("a token", () => {
  it("is requested once for all simultaneous callers", async () => {
    const { newProcess, requests, signal } = await setUpTokens();
    const tokens = newProcess();

    const got = await Promise.all(Array.from({ length: 50 }, () => tokens.token(signal)));
    expect(new Set(got)).toEqual(new Set(["kanari-token-1"]));
    expect(requests).toHaveLength(1);
  });

  it("is kept until its renewal, and then requested again", async () => {
    const { newProcess, requests, clock, signal } = await setUpTokens();
    const tokens = newProcess();
    await tokens.token(signal);
    await clock.advance(599_999);
    expect(await tokens.token(signal)).toBe("kanari-token-1");

    await clock.advance(1);
    expect(await tokens.token(signal)).toBe("kanari-token-2");
    expect(requests.map((request) => request.at)).toEqual([0, 600_000]);
  });

  it("is stored encrypted, for other processes to use", async () => {
    const { newProcess, requests, storage, signal } = await setUpTokens({ encryptor: testEncryptor() });
    await newProcess().token(signal);

    expect(await newProcess().token(signal)).toBe("kanari-token-1");
    expect(requests).toHaveLength(1);
    expect(JSON.stringify(await storage.findCredential(id))).not.toContain("kanari");
  });

  it("makes a pending credential connected", async () => {
    const { newProcess, storage, signal } = await setUpTokens();
    await newProcess().token(signal);

    expect(await storage.findCredential(id)).toMatchObject({ status: "connected" });
  });

  it("is requested again when the stored one cannot be decrypted", async () => {
    const { newProcess, requests, storage, clock, logger, signal } = await setUpTokens({
      encryptor: testEncryptor(),
    });
    const accessToken = await testEncryptor().encrypt("other", {
      companyId: "acme",
      environment: "production",
      credentialId: id,
      version: 1,
      field: "accessToken",
    });
    const times = { issuedAt: clock.now(), expiresAt: clock.now() + 900_000 };
    await storage.saveToken({ id, version: 1, token: { accessToken, ...times } });

    expect(await newProcess().token(signal)).toBe("kanari-token-1");
    expect(requests).toHaveLength(1);
    expect(logger.lines.map((line) => line.message)).toContain(
      "the stored token cannot be decrypted, requesting another",
    );
  });

  it("is unavailable while the storage or the encryptor fails for another reason", async () => {
    const { newProcess, storage, encryptor, signal } = await setUpTokens();
    await newProcess().token(signal);
    encryptor.decrypt = async () => Promise.reject(new RangeError("m"));
    await expect(newProcess().token(signal)).rejects.toThrow(RangeError);

    const findCredential = async () => Promise.reject(new StorageError("m"));
    await expect(newProcess({ ...storage, findCredential }).token(signal)).rejects.toThrow(StorageError);
  });

  it("is unavailable for a credential that was removed", async () => {
    const { newProcess, storage, signal } = await setUpTokens();
    await storage.removeCredential({ id, withData: false });

    await expect(newProcess().token(signal)).rejects.toThrow(ConflictError);
  });
});

describe("a refused token", () => {
  it("is dropped and replaced", async () => {
    const { newProcess, requests, storage, signal } = await setUpTokens();
    const tokens = newProcess();
    await tokens.refuse(await tokens.token(signal));

    expect((await storage.findCredential(id))?.token).toBeNull();
    expect(await tokens.token(signal)).toBe("kanari-token-2");
    expect(requests).toHaveLength(2);
  });

  it("is dropped once for all whose calls it failed", async () => {
    const { newProcess, requests, signal } = await setUpTokens();
    const tokens = newProcess();
    const refused = await tokens.token(signal);
    const calls = Array.from({ length: 10 }, async () => {
      await tokens.refuse(refused);
      return await tokens.token(signal);
    });

    expect(new Set(await Promise.all(calls))).toEqual(new Set(["kanari-token-2"]));
    expect(requests).toHaveLength(2);
  });

  it("of a removed credential is forgotten", async () => {
    const { newProcess, storage, signal } = await setUpTokens();
    const tokens = newProcess();
    const refused = await tokens.token(signal);
    await storage.removeCredential({ id, withData: false });

    await expect(tokens.refuse(refused)).resolves.toBeUndefined();
    await expect(tokens.token(signal)).rejects.toThrow(ConflictError);
  });

  it("is dropped without dropping a newer one", async () => {
    const { newProcess, requests, signal } = await setUpTokens();
    const [one, other] = [newProcess(), newProcess()];
    const refused = await one.token(signal);
    await other.refuse(refused);
    expect(await other.token(signal)).toBe("kanari-token-2");

    await one.refuse(refused);
    expect(await one.token(signal)).toBe("kanari-token-2");
    expect(requests).toHaveLength(2);
  });

  it("is not read from storage again if dropping it failed", async () => {
    const { newProcess, storage, signal } = await setUpTokens();
    const tokens = newProcess({ ...storage, dropToken: async () => undefined });
    await tokens.refuse(await tokens.token(signal));

    expect(await tokens.token(signal)).toBe("kanari-token-2");
  });
});

describe("a token request that fails", () => {
  it("is retried after growing delays, then reported", async () => {
    const { newProcess, requests, failures, clock, signal } = await setUpTokens();
    failures.push(...Array.from({ length: 9 }, () => unavailable()));
    const failed = expect(newProcess().token(signal)).rejects.toThrow(TokenRequestError);
    await clock.advance(60_000);

    await failed;
    expect(requests.map((request) => request.at)).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
  });

  it("leaves the lease to other processes", async () => {
    const { newProcess, failures, storage, signal } = await setUpTokens();
    failures.push(new TokenRequestError("m", { status: 404, retryable: false }));
    await expect(newProcess().token(signal)).rejects.toThrow(TokenRequestError);

    expect(await storage.acquireTokenLease({ credentialId: id, owner: "other", leaseMs: 1 })).toBe(true);
  });

  it("does no harm while the old token is valid: one attempt now, another after 30 seconds", async () => {
    const { newProcess, requests, failures, clock, signal } = await setUpTokens();
    const tokens = newProcess();
    await tokens.token(signal);
    await clock.advance(600_000);
    failures.push(unavailable(), unavailable());

    expect(await tokens.token(signal)).toBe("kanari-token-1");
    await clock.advance(29_999);
    expect(await tokens.token(signal)).toBe("kanari-token-1");
    expect(requests).toHaveLength(2);
    await clock.advance(1);
    expect(await tokens.token(signal)).toBe("kanari-token-1");
    await clock.advance(30_000);
    expect(await tokens.token(signal)).toBe("kanari-token-4");
  });

  it("is an error once the old token has expired", async () => {
    const { newProcess, failures, clock, signal } = await setUpTokens();
    const tokens = newProcess();
    await tokens.token(signal);
    await clock.advance(900_000);
    failures.push(new TokenRequestError("m", { status: 404, retryable: false }));

    await expect(tokens.token(signal)).rejects.toThrow(TokenRequestError);
  });

  it("is aborted when all its callers have been aborted", async () => {
    const { newProcess, storage, clock } = await setUpTokens({ takesMs: 5000 });
    const controller = new AbortController();
    const stopped = expect(newProcess().token(controller.signal)).rejects.toThrow(AbortedError);
    await clock.advance(1000);
    controller.abort();

    await stopped;
    await clock.advance(0);
    expect(clock.sleeping()).toBe(0);
    expect(await storage.acquireTokenLease({ credentialId: id, owner: "other", leaseMs: 1 })).toBe(true);
  });

  it("is still reported as itself when the lease cannot be released", async () => {
    const { newProcess, storage, failures, logger, signal } = await setUpTokens();
    failures.push(new TokenRequestError("m", { status: 404, retryable: false }));
    const releaseTokenLease = async () => Promise.reject(new StorageError("m"));

    await expect(newProcess({ ...storage, releaseTokenLease }).token(signal)).rejects.toThrow(
      TokenRequestError,
    );
    expect(logger.lines.map((line) => line.level)).toContain("warn");
  });
});

describe("the audit log", () => {
  it("records each token request and each use of a secret, without any value", async () => {
    const { newProcess, storage, failures, clock, signal } = await setUpTokens();
    await newProcess().token(signal);
    await newProcess().token(signal);
    await clock.advance(600_000);
    failures.push(new InvalidCredentialsError("m"));
    await expect(newProcess().token(signal)).rejects.toThrow();

    const { items } = await storage.listAudit({ companyId: "acme" }, { limit: 50 });
    expect(
      [...items].reverse().map(({ action, outcome, details }) => [action, outcome, details["fields"]]),
    ).toEqual([
      ["secret:decrypt", "success", ["clientId", "clientSecret"]],
      ["token:request", "success", undefined],
      ["secret:encrypt", "success", ["accessToken"]],
      ["secret:decrypt", "success", ["accessToken"]],
      ["secret:decrypt", "success", ["clientId", "clientSecret"]],
      ["token:request", "failure", undefined],
    ]);
    expect(items.every((item) => item.subject === id && item.actor === "system")).toBe(true);
    expect(JSON.stringify(items)).not.toContain("kanari");
  });

  it("does not stop the operation when it fails", async () => {
    const { newProcess, storage, logger, signal } = await setUpTokens();
    storage.appendAudit = async () => Promise.reject(new StorageError("m"));

    expect(await newProcess().token(signal)).toBe("kanari-token-1");
    expect(logger.lines.filter((line) => line.level === "warn").length).toBeGreaterThan(0);
  });
});
