import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  createTitanSync,
  type EncryptionContext,
  generateEncryptionKey,
  jweEncryptor,
  type StoredCredential,
  staticKeys,
} from "@titan-sync/core";
import { postgresStorage } from "@titan-sync/postgres";
import { createSimulator, type SimulatedTenant } from "@titan-sync/simulator";
import { expect } from "vitest";
import { createTestDatabase } from "../../test/postgres/database.js";

const program = fileURLToPath(new URL("../../packages/runner/dist/bin.js", import.meta.url));

/** A database with credentials, a key file, and the program that rotates its keys. */
export interface RotationStage {
  /** Starts `titan-sync keys rotate`. */
  rotate(): Rotation;
  /** Resolves when the current rotation has re-encrypted this many credentials, or has ended. */
  encrypted(count: number, rotation: Rotation): Promise<void>;
  /** Opens every secret and every token with the keys of the file. */
  expectReadable(): Promise<void>;
  /** Takes every key but the first out of the file. */
  forgetOldKeys(): Promise<void>;
  close(): Promise<void>;
}

export interface Rotation {
  /** `killed` when by a signal. */
  readonly gone: Promise<"killed" | { readonly document: unknown }>;
  isOver(): boolean;
  /** SIGKILL. */
  kill(): void;
}

/** Every second credential has a token. */
export async function openRotationStage(credentials: number): Promise<RotationStage> {
  const directory = await mkdtemp(path.join(tmpdir(), "titan-sync-rotation-"));
  const keyFile = path.join(directory, "encryption-keys");
  const firstKey = generateEncryptionKey();
  await writeFile(keyFile, `${firstKey}\n`, { mode: 0o600 });
  const database = await createTestDatabase();
  const storage = postgresStorage({ pool: database.pool });
  const tenant = await createCredentials(credentials, firstKey, storage);

  async function countRotated(): Promise<number> {
    const { rows } = await database.pool.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM titan_sync.audit WHERE details ->> 'purpose' = 'rotate'",
    );
    return rows[0]?.count ?? 0;
  }

  return {
    rotate() {
      const child = spawn(process.execPath, [program, "keys", "rotate", "--json"], {
        cwd: directory,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: process.env["PATH"],
          TITAN_SYNC_DATABASE_URL: database.url,
          TITAN_SYNC_DATA_DIR: directory,
        },
      });
      return {
        gone: waitFor(child),
        isOver: () => child.exitCode !== null || child.signalCode !== null,
        kill: () => void child.kill("SIGKILL"),
      };
    },

    async encrypted(count, rotation) {
      const before = await countRotated();
      while (!rotation.isOver() && (await countRotated()) < before + count) await delay(2);
    },

    async expectReadable() {
      expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
      const encryptor = jweEncryptor(staticKeys(await keysIn(keyFile)));
      const { items } = await storage.listCredentials({}, { limit: 1000 });
      expect(items).toHaveLength(credentials);
      for (const stored of items) {
        const open = (text: string, field: EncryptionContext["field"]): Promise<string> =>
          encryptor.decrypt(text, contextOf(stored, field));
        expect(await open(stored.clientId, "clientId")).toBe(tenant.clientId);
        expect(await open(stored.clientSecret, "clientSecret")).toBe(tenant.clientSecret);
        expect(await open(stored.appKey, "appKey")).toBe(tenant.appKey);
        if (stored.token !== null) await open(stored.token.accessToken, "accessToken");
      }
      expect(items.filter(({ token }) => token !== null)).toHaveLength(Math.ceil(credentials / 2));
    },

    async forgetOldKeys() {
      const [current] = (await keysIn(keyFile)).split(",");
      await writeFile(keyFile, `${current}\n`);
    },

    async close() {
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function createCredentials(
  count: number,
  key: string,
  storage: ReturnType<typeof postgresStorage>,
): Promise<SimulatedTenant> {
  const simulator = createSimulator({ rateLimitPerSecond: null, tenants: [{ customers: 1, invoices: 1 }] });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const titan = createTitanSync({
    storage,
    keys: staticKeys(key),
    sink: async () => ({ rejected: [] }),
    fetch: (input, init) => simulator.handle(new Request(input, init)),
    requestsPerSecond: 1000,
  });
  for (let index = 0; index < count; index += 1) {
    const companyId = `company-${String(index).padStart(3, "0")}`;
    await titan.credentials.create({ companyId, ...tenant }, { test: index % 2 === 0 });
  }
  await titan.close();
  return tenant;
}

async function keysIn(file: string): Promise<string> {
  return (await readFile(file, "utf8")).trim().split("\n").join(",");
}

function contextOf(
  { id: credentialId, companyId, environment, version }: StoredCredential,
  field: EncryptionContext["field"],
): EncryptionContext {
  return { companyId, environment, credentialId, version, field };
}

async function waitFor(child: ChildProcess): Promise<"killed" | { readonly document: unknown }> {
  const [output, complaints]: [string[], string[]] = [[], []];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => output.push(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (signal === "SIGKILL") return "killed";
  if (code !== 0) throw new Error(`keys rotate exited with ${code ?? signal}.\n${complaints.join("")}`);
  return { document: JSON.parse(output.join("")) };
}
