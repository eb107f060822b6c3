import { Pool } from "undici";
import type { FeedPath } from "./feeds.js";
import type { Source } from "./source-process.js";

/** The least that reading the API takes: requests and `JSON.parse`. No limit, no checks, no repetition. */
export interface BareClient {
  /** Reads a feed to its end. @returns how many rows there were. */
  read(feed: FeedPath): Promise<number>;
  close(): Promise<void>;
}

interface Envelope {
  readonly hasMore: boolean;
  readonly continueFrom?: string | null;
  readonly data: readonly unknown[];
}

/** How an answer's text is fetched. */
type Get = (path: string, headers: Record<string, string>) => Promise<string>;

/** By undici, with as many connections as are needed. */
export async function undiciClient(source: Source): Promise<BareClient> {
  const pool = new Pool(source.url);
  const get: Get = async (path, headers) => {
    const { body } = await pool.request({ path, method: "GET", headers });
    return await body.text();
  };
  return { read: readerOf(source, await tokenOf(source), get), close: () => pool.close() };
}

/** By the global `fetch`. */
export async function fetchClient(source: Source): Promise<BareClient> {
  const get: Get = async (path, headers) => await (await fetch(`${source.url}${path}`, { headers })).text();
  return { read: readerOf(source, await tokenOf(source), get), close: async () => undefined };
}

function readerOf({ tenant }: Source, token: string, get: Get): BareClient["read"] {
  const headers = {
    accept: "application/json",
    authorization: `Bearer ${token}`,
    "st-app-key": tenant.appKey,
  };
  return async ({ module, path }) => {
    const isExport = path.startsWith("export/");
    let rows = 0;
    let query = isExport ? "" : "?active=Any&page=1&pageSize=1000";
    for (let page = 1, hasMore = true; hasMore; page += 1) {
      const text = await get(`/${module}/v2/tenant/${tenant.tenantId}/${path}${query}`, headers);
      const envelope = JSON.parse(text) as Envelope;
      rows += envelope.data.length;
      hasMore = envelope.hasMore;
      query = isExport
        ? `?from=${encodeURIComponent(envelope.continueFrom ?? "")}`
        : `?active=Any&page=${page + 1}&pageSize=1000`;
    }
    return rows;
  };
}

/** A token of the tenant. */
export async function tokenOf({ url, tenant }: Source): Promise<string> {
  const answer = await fetch(`${url}/connect/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: tenant.clientId,
      client_secret: tenant.clientSecret,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return token;
}
