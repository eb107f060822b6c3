import { describe, expect, it } from "vitest";
import { createCapturingLogger } from "../__fixtures__/capturing-logger.js";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { storeCredential, testEncryptor, transparentEncryptor } from "../__fixtures__/stored-credential.js";
import { contextOf } from "../credentials/open-credential.js";
import {
  AbortedError,
  ConflictError,
  InvalidCredentialsError,
  StorageError,
  TokenRequestError,
} from "../errors.js";
import { memoryStorage } from "../memory/memory-storage.js";
import type { TokenClient } from "./token-client.js";
import { createTokenProvider, renewalTime } from "./token-provider.js";

const id = "credential-1";
const unavailable = (retryAfterMs: number | null = null) =>
  new TokenRequestError("m", { status: 503, retryable: true, retryAfterMs });

interface Request {
  readonly clientSecret: string;
  readonly at: number;
}

/** One storage and one token endpoint; any number of processes. */
async function setUp({ lifeMs = 900_000, takesMs = 0, encryptor = transparentEncryptor() } = {}) {
  const clock = createFakeClock();
  const storage = memoryStorage({ clock });
  const logger = createCapturingLogger();
  await storeCredential(storage, encryptor);
  const startedAt = clock.now();
  const requests: Request[] = [];
  /** What the next requests fail with. */
  const failures: unknown[] = [];
  const client: TokenClient = {
    async request({ clientSecret }, signal) {
      requests.push({ clientSecret: clientSecret.reveal(), at: clock.now() - startedAt });
      const accessToken = `kanari-token-${requests.length}`;
      const failure = failures.shift();
      const issuedAt = clock.now();
      if (takesMs > 0) await clock.sleep(takesMs, signal);
      if (failure !== undefined) throw failure;
      return { accessToken, issuedAt, expiresAt: issuedAt + lifeMs };
    },
  };
  const newProcess = (store = storage) =>
    createTokenProvider({
      credentialId: id,
      store,
      encryptor,
      client,
      clock,
      random: () => 0.5,
      logger,
      audit: storage,
    });
  const { signal } = new AbortController();
  return { clock, storage, encryptor, logger, requests, failures, newProcess, signal };
}

async function change(test: Awaited<ReturnType<typeof setUp>>, clientSecret: string): Promise<void> {
  const stored = await test.storage.findCredential(id);
  if (stored === null) throw new Error("no credential");
  const next = { ...stored, version: stored.version + 1 };
  const again = async (field: "clientId" | "appKey"): Promise<string> =>
    test.encryptor.encrypt(
      await test.encryptor.decrypt(stored[field], contextOf(stored, field)),
      contextOf(next, field),
    );
  await test.storage.updateCredential({
    id,
    expectedVersion: stored.version,
    tenantId: stored.tenantId,
    clientId: await again("clientId"),
    clientSecret: await test.encryptor.encrypt(clientSecret, contextOf(next, "clientSecret")),
    appKey: await again("appKey"),
  });
}

describe("renewalTime", () => {
  it("is 300 seconds before the end, but not before a third of the life has passed", () => {
    expect(renewalTime({ issuedAt: 0, expiresAt: 900_000 })).toBe(600_000);
    expect(renewalTime({ issuedAt: 0, expiresAt: 3_600_000 })).toBe(3_300_000);
    expect(renewalTime({ issuedAt: 0, expiresAt: 300_000 })).toBe(100_000);
    expect(renewalTime({ issuedAt: 0, expiresAt: 30_000 })).toBe(10_000);
  });
});

describe("a token", () => {
  it("is requested once for all who ask at the same time", async () => {
    const { newProcess, requests, signal } = await setUp();
    const tokens = newProcess();

    const got = await Promise.all(Array.from({ length: 50 }, () => tokens.token(signal)));
    expect(new Set(got)).toEqual(new Set(["kanari-token-1"]));
    expect(requests).toHaveLength(1);
  });

  it("is kept until its renewal, and then requested anew", async () => {
    const { newProcess, requests, clock, signal } = await setUp();
    const tokens = newProcess();
    await tokens.token(signal);
    await clock.advance(599_999);
    expect(await tokens.token(signal)).toBe("kanari-token-1");

    await clock.advance(1);
    expect(await tokens.token(signal)).toBe("kanari-token-2");
    expect(requests.map((request) => request.at)).toEqual([0, 600_000]);
  });

  it("is stored encrypted, for other processes to use", async () => {
    const { newProcess, requests, storage, signal } = await setUp({ encryptor: testEncryptor() });
    await newProcess().token(signal);

    expect(await newProcess().token(signal)).toBe("kanari-token-1");
    expect(requests).toHaveLength(1);
    expect(JSON.stringify(await storage.findCredential(id))).not.toContain("kanari");
  });

  it("makes a pending credential a connected one", async () => {
    const { newProcess, storage, signal } = await setUp();
    await newProcess().token(signal);

    expect(await storage.findCredential(id)).toMatchObject({ status: "connected" });
  });

  it("is requested anew when the stored one does not open", async () => {
    const { newProcess, requests, storage, clock, logger, signal } = await setUp({
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
      "the stored token does not open, requesting another",
    );
  });

  it("is not to be had while the storage or the encryptor fails for another reason", async () => {
    const { newProcess, storage, encryptor, signal } = await setUp();
    await newProcess().token(signal);
    encryptor.decrypt = async () => Promise.reject(new RangeError("m"));
    await expect(newProcess().token(signal)).rejects.toThrow(RangeError);

    const findCredential = async () => Promise.reject(new StorageError("m"));
    await expect(newProcess({ ...storage, findCredential }).token(signal)).rejects.toThrow(StorageError);
  });

  it("is not to be had for a credential that was removed", async () => {
    const { newProcess, storage, signal } = await setUp();
    await storage.removeCredential({ id, withData: false });

    await expect(newProcess().token(signal)).rejects.toThrow(ConflictError);
  });
});

describe("processes that share a storage", () => {
  it("cause one token request for 50 callers at the same time", async () => {
    const { newProcess, requests, clock, signal } = await setUp({ takesMs: 800 });
    const processes = [newProcess(), newProcess()];
    const callers = Array.from({ length: 50 }, (_, index) => processes[index % 2]?.token(signal));

    const got = Promise.all(callers);
    await clock.advance(2000);
    expect(new Set(await got)).toEqual(new Set(["kanari-token-1"]));
    expect(requests).toHaveLength(1);
  });

  it("renew once as well", async () => {
    const { newProcess, requests, clock, signal } = await setUp({ takesMs: 800 });
    const processes = [newProcess(), newProcess(), newProcess()];
    const all = () => Promise.all(processes.map((tokens) => tokens.token(signal)));
    const first = all();
    await clock.advance(2000);
    await first;
    await clock.advance(700_000);

    const second = all();
    await clock.advance(2000);
    // Those that find another one at it go on with the token that is still good.
    expect([...(await second)].sort()).toEqual(["kanari-token-1", "kanari-token-1", "kanari-token-2"]);
    await clock.advance(30_000);
    expect(new Set(await all())).toEqual(new Set(["kanari-token-2"]));
    expect(requests).toHaveLength(2);
  });

  it("are not held up for good by one that died with the lease", async () => {
    const { newProcess, requests, storage, clock, signal } = await setUp();
    await storage.acquireTokenLease({ credentialId: id, owner: "dead", leaseMs: 75_000 });

    const token = newProcess().token(signal);
    await clock.advance(74_999);
    expect(requests).toHaveLength(0);
    await clock.advance(2000);
    expect(await token).toBe("kanari-token-1");
  });

  it("keep the lease for as long as the endpoint asks to wait, so that the others wait as well", async () => {
    const { newProcess, requests, failures, clock, signal } = await setUp();
    failures.push(unavailable(200_000));
    const tokens = Promise.all([newProcess().token(signal), newProcess().token(signal)]);
    await clock.advance(203_000);

    expect(await tokens).toEqual(["kanari-token-2", "kanari-token-2"]);
    expect(requests.map((request) => request.at)).toEqual([0, 200_000]);
  });

  it("learn from one another that the credential is refused", async () => {
    const { newProcess, requests, failures, clock, signal } = await setUp({ takesMs: 500 });
    failures.push(new InvalidCredentialsError("m"));
    const got = Promise.allSettled([newProcess().token(signal), newProcess().token(signal)]);
    await clock.advance(2000);

    for (const result of await got)
      expect(result).toMatchObject({ reason: { code: "AUTH_INVALID_CREDENTIALS" } });
    expect(requests).toHaveLength(1);
  });
});

describe("a refused token", () => {
  it("is dropped and replaced", async () => {
    const { newProcess, requests, storage, signal } = await setUp();
    const tokens = newProcess();
    await tokens.refuse(await tokens.token(signal));

    expect((await storage.findCredential(id))?.token).toBeNull();
    expect(await tokens.token(signal)).toBe("kanari-token-2");
    expect(requests).toHaveLength(2);
  });

  it("is dropped once for all whose calls it failed", async () => {
    const { newProcess, requests, signal } = await setUp();
    const tokens = newProcess();
    const refused = await tokens.token(signal);
    const calls = Array.from({ length: 10 }, async () => {
      await tokens.refuse(refused);
      return await tokens.token(signal);
    });

    expect(new Set(await Promise.all(calls))).toEqual(new Set(["kanari-token-2"]));
    expect(requests).toHaveLength(2);
  });

  it("of a credential that was removed is forgotten", async () => {
    const { newProcess, storage, signal } = await setUp();
    const tokens = newProcess();
    const refused = await tokens.token(signal);
    await storage.removeCredential({ id, withData: false });

    await expect(tokens.refuse(refused)).resolves.toBeUndefined();
    await expect(tokens.token(signal)).rejects.toThrow(ConflictError);
  });

  it("does not take a newer one with it", async () => {
    const { newProcess, requests, signal } = await setUp();
    const [one, other] = [newProcess(), newProcess()];
    const refused = await one.token(signal);
    await other.refuse(refused);
    expect(await other.token(signal)).toBe("kanari-token-2");

    await one.refuse(refused);
    expect(await one.token(signal)).toBe("kanari-token-2");
    expect(requests).toHaveLength(2);
  });

  it("is not taken from storage again when dropping it failed", async () => {
    const { newProcess, storage, signal } = await setUp();
    const tokens = newProcess({ ...storage, dropToken: async () => undefined });
    await tokens.refuse(await tokens.token(signal));

    expect(await tokens.token(signal)).toBe("kanari-token-2");
  });
});

describe("a token request that fails", () => {
  it("is repeated after growing gaps, then reported", async () => {
    const { newProcess, requests, failures, clock, signal } = await setUp();
    failures.push(...Array.from({ length: 9 }, () => unavailable()));
    const failed = expect(newProcess().token(signal)).rejects.toThrow(TokenRequestError);
    await clock.advance(60_000);

    await failed;
    expect(requests.map((request) => request.at)).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
  });

  it("leaves the lease to others", async () => {
    const { newProcess, failures, storage, signal } = await setUp();
    failures.push(new TokenRequestError("m", { status: 404, retryable: false }));
    await expect(newProcess().token(signal)).rejects.toThrow(TokenRequestError);

    expect(await storage.acquireTokenLease({ credentialId: id, owner: "other", leaseMs: 1 })).toBe(true);
  });

  it("costs nothing while the old token is good: one attempt now, another after 30 seconds", async () => {
    const { newProcess, requests, failures, clock, signal } = await setUp();
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

  it("is an error once the old token has ended", async () => {
    const { newProcess, failures, clock, signal } = await setUp();
    const tokens = newProcess();
    await tokens.token(signal);
    await clock.advance(900_000);
    failures.push(new TokenRequestError("m", { status: 404, retryable: false }));

    await expect(tokens.token(signal)).rejects.toThrow(TokenRequestError);
  });

  it("is stopped when all who wait for it have gone", async () => {
    const { newProcess, storage, clock } = await setUp({ takesMs: 5000 });
    const controller = new AbortController();
    const stopped = expect(newProcess().token(controller.signal)).rejects.toThrow(AbortedError);
    await clock.advance(1000);
    controller.abort();

    await stopped;
    await clock.advance(0);
    expect(clock.sleeping()).toBe(0);
    expect(await storage.acquireTokenLease({ credentialId: id, owner: "other", leaseMs: 1 })).toBe(true);
  });

  it("is still reported as what it is when the lease cannot be given back", async () => {
    const { newProcess, storage, failures, logger, signal } = await setUp();
    failures.push(new TokenRequestError("m", { status: 404, retryable: false }));
    const releaseTokenLease = async () => Promise.reject(new StorageError("m"));

    await expect(newProcess({ ...storage, releaseTokenLease }).token(signal)).rejects.toThrow(
      TokenRequestError,
    );
    expect(logger.lines.map((line) => line.level)).toContain("warn");
  });
});

describe("a refused credential", () => {
  it("is marked and not asked again, by no process", async () => {
    const { newProcess, requests, failures, storage, signal } = await setUp();
    failures.push(new InvalidCredentialsError("m", { hint: "why" }));
    const tokens = newProcess();
    await expect(tokens.token(signal)).rejects.toMatchObject({ hint: "why" });
    expect(await storage.findCredential(id)).toMatchObject({ status: "error" });

    await expect(tokens.token(signal)).rejects.toThrow(InvalidCredentialsError);
    await expect(newProcess().token(signal)).rejects.toThrow(InvalidCredentialsError);
    expect(requests).toHaveLength(1);
  });

  it("is asked again once it is changed, with the new values", async () => {
    const test = await setUp();
    test.failures.push(new InvalidCredentialsError("m"));
    const tokens = test.newProcess();
    await expect(tokens.token(test.signal)).rejects.toThrow(InvalidCredentialsError);
    await change(test, "cs1.new-secret-value");

    expect(await tokens.token(test.signal)).toBe("kanari-token-2");
    expect(test.requests[1]?.clientSecret).toBe("cs1.new-secret-value");
  });

  it("is asked again once a connection test has succeeded", async () => {
    const { newProcess, failures, storage, signal } = await setUp();
    failures.push(new InvalidCredentialsError("m"));
    const tokens = newProcess();
    await expect(tokens.token(signal)).rejects.toThrow(InvalidCredentialsError);
    await storage.setConnectionStatus({ id, version: 1, status: "connected" });

    expect(await tokens.token(signal)).toBe("kanari-token-2");
  });
});

describe("a credential that changes while its token is requested", () => {
  it("gets a token of its new values, and the old one is thrown away", async () => {
    const test = await setUp({ takesMs: 1000 });
    const token = test.newProcess().token(test.signal);
    await test.clock.advance(500);
    await change(test, "cs1.new-secret-value");
    await test.clock.advance(3000);

    expect(await token).toBe("kanari-token-2");
    expect(test.requests[1]?.clientSecret).toBe("cs1.new-secret-value");
  });

  it("is not marked for what its old values did", async () => {
    const test = await setUp({ takesMs: 1000 });
    test.failures.push(new InvalidCredentialsError("m"));
    const failed = expect(test.newProcess().token(test.signal)).rejects.toThrow(InvalidCredentialsError);
    await test.clock.advance(500);
    await change(test, "cs1.new-secret-value");
    await test.clock.advance(3000);

    await failed;
    expect(await test.storage.findCredential(id)).toMatchObject({ status: "pending" });
  });
});

describe("the audit log", () => {
  it("notes each token request and each use of a secret, with no value", async () => {
    const { newProcess, storage, failures, clock, signal } = await setUp();
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

  it("stops nothing when it fails", async () => {
    const { newProcess, storage, logger, signal } = await setUp();
    storage.appendAudit = async () => Promise.reject(new StorageError("m"));

    expect(await newProcess().token(signal)).toBe("kanari-token-1");
    expect(logger.lines.filter((line) => line.level === "warn").length).toBeGreaterThan(0);
  });
});
