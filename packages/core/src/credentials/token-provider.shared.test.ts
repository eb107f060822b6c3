import { describe, expect, it } from "vitest";
import { changeSecret, id, setUpTokens, unavailable } from "../__fixtures__/token-processes.js";
import { InvalidCredentialsError } from "../errors.js";

describe("processes that share a storage", () => {
  it("send one token request for 50 simultaneous callers", async () => {
    const { newProcess, requests, clock, signal } = await setUpTokens({ takesMs: 800 });
    const processes = [newProcess(), newProcess()];
    const callers = Array.from({ length: 50 }, (_, index) => processes[index % 2]?.token(signal));

    const got = Promise.all(callers);
    await clock.advance(2000);
    expect(new Set(await got)).toEqual(new Set(["kanari-token-1"]));
    expect(requests).toHaveLength(1);
  });

  it("renew the token once as well", async () => {
    const { newProcess, requests, clock, signal } = await setUpTokens({ takesMs: 800 });
    const processes = [newProcess(), newProcess(), newProcess()];
    const all = () => Promise.all(processes.map((tokens) => tokens.token(signal)));
    const first = all();
    await clock.advance(2000);
    await first;
    await clock.advance(700_000);

    const second = all();
    await clock.advance(2000);
    // Those that find another one at it continue with the token that is still good.
    expect([...(await second)].sort()).toEqual(["kanari-token-1", "kanari-token-1", "kanari-token-2"]);
    await clock.advance(30_000);
    expect(new Set(await all())).toEqual(new Set(["kanari-token-2"]));
    expect(requests).toHaveLength(2);
  });

  it("are not blocked forever by one that died while holding the lease", async () => {
    const { newProcess, requests, storage, clock, signal } = await setUpTokens();
    await storage.acquireTokenLease({ credentialId: id, owner: "dead", leaseMs: 75_000 });

    const token = newProcess().token(signal);
    await clock.advance(74_999);
    expect(requests).toHaveLength(0);
    await clock.advance(2000);
    expect(await token).toBe("kanari-token-1");
  });

  it("wait only seconds for one that died during its request, however long a request may take", async () => {
    const { newProcess, requests, storage, clock, signal } = await setUpTokens({ takesMs: 50_000 });
    // The process dies: nothing that it does reaches the storage anymore.
    const isDead = { value: false };
    const acquireTokenLease: typeof storage.acquireTokenLease = async (params) =>
      isDead.value ? false : await storage.acquireTokenLease(params);
    void newProcess({ ...storage, acquireTokenLease }).token(signal);
    await clock.advance(30_000);
    isDead.value = true;

    const token = newProcess().token(signal);
    await clock.advance(10_000);
    expect(requests.map((request) => request.at)).toHaveLength(2);
    await clock.advance(50_000);
    expect(await token).toBe("kanari-token-2");
  });

  it("keep the lease for as long as the endpoint tells them to wait, so that the others wait too", async () => {
    const { newProcess, requests, failures, clock, signal } = await setUpTokens();
    failures.push(unavailable(200_000));
    const tokens = Promise.all([newProcess().token(signal), newProcess().token(signal)]);
    await clock.advance(203_000);

    expect(await tokens).toEqual(["kanari-token-2", "kanari-token-2"]);
    expect(requests.map((request) => request.at)).toEqual([0, 200_000]);
  });

  it("learn from each other that the credential is refused", async () => {
    const { newProcess, requests, failures, clock, signal } = await setUpTokens({ takesMs: 500 });
    failures.push(new InvalidCredentialsError("m"));
    const got = Promise.allSettled([newProcess().token(signal), newProcess().token(signal)]);
    await clock.advance(2000);

    for (const result of await got)
      expect(result).toMatchObject({ reason: { code: "AUTH_INVALID_CREDENTIALS" } });
    expect(requests).toHaveLength(1);
  });
});

describe("a refused credential", () => {
  it("is marked, and no process requests a token with it again", async () => {
    const { newProcess, requests, failures, storage, signal } = await setUpTokens();
    failures.push(new InvalidCredentialsError("m", { hint: "why" }));
    const tokens = newProcess();
    await expect(tokens.token(signal)).rejects.toMatchObject({ hint: "why" });
    expect(await storage.findCredential(id)).toMatchObject({ status: "error" });

    await expect(tokens.token(signal)).rejects.toThrow(InvalidCredentialsError);
    await expect(newProcess().token(signal)).rejects.toThrow(InvalidCredentialsError);
    expect(requests).toHaveLength(1);
  });

  it("is requested again with the new values once it is changed", async () => {
    const test = await setUpTokens();
    test.failures.push(new InvalidCredentialsError("m"));
    const tokens = test.newProcess();
    await expect(tokens.token(test.signal)).rejects.toThrow(InvalidCredentialsError);
    await changeSecret(test, "cs1.new-secret-value");

    expect(await tokens.token(test.signal)).toBe("kanari-token-2");
    expect(test.requests[1]?.clientSecret).toBe("cs1.new-secret-value");
  });

  it("is requested again once a connection test has succeeded", async () => {
    const { newProcess, failures, storage, signal } = await setUpTokens();
    failures.push(new InvalidCredentialsError("m"));
    const tokens = newProcess();
    await expect(tokens.token(signal)).rejects.toThrow(InvalidCredentialsError);
    await storage.setConnectionStatus({ id, version: 1, status: "connected" });

    expect(await tokens.token(signal)).toBe("kanari-token-2");
  });
});

describe("a credential that changes while its token is requested", () => {
  it("gets a token for its new values, and the old one is discarded", async () => {
    const test = await setUpTokens({ takesMs: 1000 });
    const token = test.newProcess().token(test.signal);
    await test.clock.advance(500);
    await changeSecret(test, "cs1.new-secret-value");
    await test.clock.advance(3000);

    expect(await token).toBe("kanari-token-2");
    expect(test.requests[1]?.clientSecret).toBe("cs1.new-secret-value");
  });

  it("is not marked because its old values were refused", async () => {
    const test = await setUpTokens({ takesMs: 1000 });
    test.failures.push(new InvalidCredentialsError("m"));
    const failed = expect(test.newProcess().token(test.signal)).rejects.toThrow(InvalidCredentialsError);
    await test.clock.advance(500);
    await changeSecret(test, "cs1.new-secret-value");
    await test.clock.advance(3000);

    await failed;
    expect(await test.storage.findCredential(id)).toMatchObject({ status: "pending" });
  });
});
