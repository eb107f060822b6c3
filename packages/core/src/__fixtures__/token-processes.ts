import { contextOf } from "../credentials/open-credential.js";
import type { TokenClient } from "../credentials/token-client.js";
import { createTokenProvider } from "../credentials/token-provider.js";
import { TokenRequestError } from "../errors.js";
import { memoryStorage } from "../memory/memory-storage.js";
import { createCapturingLogger } from "./capturing-logger.js";
import { createFakeClock } from "./fake-clock.js";
import { storeCredential, transparentEncryptor } from "./stored-credential.js";

/** The id of the credential. */
export const id = "credential-1";
/** The token endpoint is failing. */
export const unavailable = (retryAfterMs: number | null = null) =>
  new TokenRequestError("m", { status: 503, retryable: true, retryAfterMs });

interface Request {
  readonly clientSecret: string;
  readonly at: number;
}

/** One storage and one token endpoint; any number of processes. */
export async function setUpTokens({
  lifeMs = 900_000,
  takesMs = 0,
  encryptor = transparentEncryptor(),
} = {}) {
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
  const signal: AbortSignal = new AbortController().signal;
  return { clock, storage, encryptor, logger, requests, failures, newProcess, signal };
}

/** Replaces the client secret, as the manager does. */
export async function changeSecret(
  test: Awaited<ReturnType<typeof setUpTokens>>,
  clientSecret: string,
): Promise<void> {
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
