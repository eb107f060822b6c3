import type { Simulator } from "./simulator.js";

/** What came back, read whole. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; empty if it is not a JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The rows of a page. */
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

export interface TestClient {
  readonly token: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** Follows an export to its end and returns every row. */
  exportAll(
    path: string,
    from?: string,
  ): Promise<{ rows: Reply["data"]; pages: number; continueFrom: string }>;
}

export const start = Date.parse("2026-01-15T12:00:00Z");

/** A clock that a test moves. */
export function createManualClock(now = start) {
  return {
    now: () => now,
    advance(ms: number) {
      now += ms;
    },
  };
}

export async function requestToken(simulator: Simulator, changes: Readonly<Record<string, string>> = {}) {
  const tenant = simulator.tenants[Number(changes["tenant"] ?? 0)];
  if (tenant === undefined) throw new Error("no such tenant");
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: tenant.clientId,
    client_secret: tenant.clientSecret,
    ...changes,
  });
  return readReply(
    await simulator.handle(new Request("http://simulator/connect/token", { method: "POST", body: form })),
  );
}

/** A client of one tenant without any patience: what comes back is what it gives. */
export async function connect(simulator: Simulator, tenant = 0): Promise<TestClient> {
  const token = String((await requestToken(simulator, { tenant: String(tenant) })).body["access_token"]);
  const appKey = simulator.tenants[tenant]?.appKey ?? "";

  async function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const request = new Request(`http://simulator/${path}`, {
      headers: { authorization: `Bearer ${token}`, "st-app-key": appKey, ...headers },
    });
    return readReply(await simulator.handle(request));
  }

  return {
    token,
    get,
    async exportAll(path, from = "") {
      const rows: Readonly<Record<string, unknown>>[] = [];
      let continueFrom = from;
      for (let pages = 1; ; pages += 1) {
        const query = continueFrom === "" ? "" : `?from=${encodeURIComponent(continueFrom)}`;
        const reply = await get(`${path}${query}`);
        if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
        rows.push(...reply.data);
        continueFrom = String(reply.body["continueFrom"]);
        if (reply.body["hasMore"] !== true) return { rows, pages, continueFrom };
      }
    },
  };
}

export async function readReply(response: Response): Promise<Reply> {
  const text = await response.text();
  const body = parseObject(text);
  const data = Array.isArray(body["data"]) ? body["data"] : [];
  return { status: response.status, headers: response.headers, text, body, data };
}

export function ids(rows: readonly Readonly<Record<string, unknown>>[]): number[] {
  return rows.map((row) => Number(row["id"]));
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
