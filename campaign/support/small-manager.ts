/** A row as the API gives it. */
export type SmallRow = { readonly id: number } & Readonly<Record<string, unknown>>;

/** A ServiceTitan of a few rows, as `fetch`: any row may be there, however odd. */
export interface SmallManager {
  readonly fetch: typeof globalThis.fetch;
  /** Adds rows, or changes those of the same id; by the feed's path. */
  put(path: string, ...rows: readonly SmallRow[]): void;
  rows(path: string): readonly SmallRow[];
}

interface Entry {
  readonly place: number;
  readonly row: SmallRow;
}

export function createSmallManager(): SmallManager {
  const feeds = new Map<string, Map<number, Entry>>();
  let place = 0;
  const entriesOf = (path: string): readonly Entry[] => [...(feeds.get(path)?.values() ?? [])];

  function exported(path: string, from: number) {
    const entries = entriesOf(path)
      .filter((entry) => entry.place > from)
      .sort((left, right) => left.place - right.place);
    const last = entries.at(-1)?.place ?? from;
    return { hasMore: false, continueFrom: String(last), data: entries.map(({ row }) => row) };
  }

  function listed(path: string, query: URLSearchParams) {
    const [page, pageSize] = [Number(query.get("page") ?? 1), Number(query.get("pageSize") ?? 50)];
    const rows = entriesOf(path)
      .map(({ row }) => row)
      .sort((left, right) => left.id - right.id);
    const data = rows.slice((page - 1) * pageSize, page * pageSize);
    return { page, pageSize, hasMore: page * pageSize < rows.length, totalCount: rows.length, data };
  }

  return {
    async fetch(input) {
      const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input);
      const headers = { date: new Date().toUTCString() };
      if (pathname.endsWith("/connect/token")) {
        return Response.json({ access_token: "t", expires_in: 900, token_type: "Bearer" }, { headers });
      }
      const path = pathname.split("/").slice(5).join("/");
      const [first, ...rest] = path.split("/");
      const from = Number(searchParams.get("from") ?? 0);
      const answer =
        first === "export"
          ? exported(rest.join("/"), Number.isNaN(from) ? 0 : from)
          : listed(path, searchParams);
      return Response.json(answer, { headers });
    },
    put(path, ...rows) {
      const feed = feeds.get(path) ?? new Map<number, Entry>();
      feeds.set(path, feed);
      for (const row of rows) {
        place += 1;
        feed.set(row.id, { place, row });
      }
    },
    rows: (path) => entriesOf(path).map(({ row }) => row),
  };
}
