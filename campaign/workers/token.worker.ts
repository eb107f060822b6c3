// Asks for one credential's token from many places at the same moment.

import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../packages/core/src/async/system-clock.js";
import { createTokenClient } from "../../packages/core/src/credentials/token-client.js";
import { createTokenProvider } from "../../packages/core/src/credentials/token-provider.js";
import { jweEncryptor } from "../../packages/core/src/crypto/jwe-encryptor.js";
import { staticKeys } from "../../packages/core/src/crypto/static-keys.js";
import { silentLogger } from "../../packages/core/src/ports/logger.js";
import { openDatabase } from "./open-database.js";
import type { TokenMessage, TokenPlan } from "./token-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as TokenPlan;
const database = await openDatabase({ kind: "PostgreSQL", url: plan.databaseUrl });
const { signal } = new AbortController();

const providers = Array.from({ length: plan.users }, () =>
  createTokenProvider({
    credentialId: plan.credentialId,
    store: database.storage,
    encryptor: jweEncryptor(staticKeys(plan.encryptionKey)),
    client: createTokenClient({ authUrl: plan.simulatorUrl, fetch: globalThis.fetch, clock: systemClock }),
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  }),
);
await delay(plan.startAt - Date.now());
const tokens = await Promise.all(
  providers.flatMap((provider) => Array.from({ length: plan.callersEach }, () => provider.token(signal))),
);
const message: TokenMessage = { tokens: [...new Set(tokens)], callers: tokens.length };
process.stdout.write(`${JSON.stringify(message)}\n`);
await database.close();
