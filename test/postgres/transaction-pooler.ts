import type { PgClientLike, PgPoolLike } from "@titan-sync/postgres";
import { Client } from "pg";

/** Stands for PgBouncer in its mode "transaction": many connections of clients share a few of the server. */
export interface TransactionPooler {
  /** Of one process: its connections are those of the pooler. */
  pool(): PgPoolLike & { readonly options: { readonly max: number } };
  /** What statements have left behind on connections that now serve others. */
  leftovers(): Promise<readonly Leftover[]>;
  close(): Promise<void>;
}

interface Leftover {
  readonly kind: "lock" | "setting" | "prepared statement" | "temporary table";
  readonly name: string;
}

type Listener = (event: unknown) => void;

/**
 * Each transaction, or statement outside of one, gets the connection that has been free for longest: never that of the
 * statement before, unless there is no other. Nothing resets what a session keeps, and notifications reach whoever has
 * the connection at that moment.
 *
 * @param options.refuses - statements that contain this word fail. @defaultValue none
 */
export async function createTransactionPooler(
  url: string,
  { connections = 4, refuses }: { readonly connections?: number; readonly refuses?: string } = {},
): Promise<TransactionPooler> {
  const servers: Client[] = [];
  const free: Client[] = [];
  const waiting: ((server: Client) => void)[] = [];
  for (let n = 0; n < connections; n += 1) {
    const server = new Client({ connectionString: url });
    server.on("error", () => undefined);
    await server.connect();
    servers.push(server);
    free.push(server);
  }

  async function take(): Promise<Client> {
    return free.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
  }

  function giveBack(server: Client): void {
    const next = waiting.shift();
    if (next === undefined) free.push(server);
    else next(server);
  }

  function connect(): PgClientLike {
    const listeners = new Set<Listener>();
    let server: Client | null = null;
    let last: Promise<unknown> = Promise.resolve();
    const hear = (message: unknown): void => {
      for (const listener of listeners) listener(message);
    };

    function unlink(): void {
      server?.off("notification", hear);
      if (server !== null) giveBack(server);
      server = null;
    }

    async function run(text: string, values: unknown[] | undefined) {
      if (refuses !== undefined && text.includes(refuses)) throw refused();
      server ??= (await take()).on("notification", hear);
      try {
        return await server.query(text, values);
      } finally {
        if (server.getTransactionStatus() === "I") unlink();
      }
    }

    return {
      query(text, values) {
        const answer = last.then(() => run(text, values));
        last = answer.catch(() => undefined);
        return answer;
      },
      release() {
        if (server === null) return;
        const left = server;
        left.query("ROLLBACK").then(unlink, unlink);
      },
      on(event, listener) {
        if ((event as string) === "notification") listeners.add(listener as Listener);
      },
    };
  }

  async function leftoversOf(server: Client): Promise<readonly Leftover[]> {
    const { rows } = await server.query<Leftover>(`
      SELECT 'lock' AS kind, objid::text AS name FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
      UNION ALL SELECT 'setting', name FROM pg_settings WHERE source = 'session'
      UNION ALL SELECT 'prepared statement', name FROM pg_prepared_statements
      UNION ALL SELECT 'temporary table', relname FROM pg_class WHERE relpersistence = 't'`);
    return rows;
  }

  return {
    pool: () => ({ options: { max: 10 }, connect: async () => connect() }),
    async leftovers() {
      const found: Leftover[] = [];
      for (const server of servers) found.push(...(await leftoversOf(server)));
      return found;
    },
    async close() {
      for (const server of servers) await server.end();
    },
  };
}

function refused(): Error {
  return Object.assign(new Error("The pooler does not allow this statement."), { code: "08P01" });
}
