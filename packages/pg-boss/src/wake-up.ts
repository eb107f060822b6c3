import {
  answerInTime,
  hasSpareConnection,
  isEnding,
  type PgClientLike,
  type PgPoolLike,
} from "@titan-sync/postgres/support";

const retryMs = 5000;
const answerMs = 5000;
/** A connection whose other side has disappeared is noticed after so long. */
const checkMs = 30_000;
const watchMs = 250;

/** What `pg` clients tell besides their errors. */
interface NotifiedClient extends PgClientLike {
  on(event: "notification", listener: (message: { readonly payload?: string | undefined }) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
}

/**
 * Keeps one connection that hears of what other processes tell. Whatever is missed while it is down, workers find when
 * they poll: it never fails. A pool that cannot spare a connection has none.
 */
export function listenForJobs({
  pool,
  channel,
  own,
  call,
}: {
  readonly pool: PgPoolLike;
  readonly channel: string;
  /** What this process tells itself. */
  readonly own: string;
  readonly call: () => void;
}): { close(): void } {
  let client: NotifiedClient | null = null;
  let isClosed = false;
  let isFirst = true;
  let retry: NodeJS.Timeout | undefined;
  let check: NodeJS.Timeout | undefined;
  let watch: NodeJS.Timeout | undefined;

  function drop(dropped: NotifiedClient): void {
    if (client !== dropped) return;
    client = null;
    clearInterval(check);
    dropped.release(true);
    later();
  }

  function later(): void {
    if (isClosed) return;
    clearTimeout(retry);
    retry = setTimeout(() => void connect(), retryMs).unref();
  }

  async function connect(): Promise<void> {
    if (isClosed || isEnding(pool)) return;
    const connecting = pool.connect() as Promise<NotifiedClient>;
    try {
      const taken = await answerInTime(connecting, answerMs);
      if (isClosed || typeof taken.on !== "function") return taken.release(true);
      client = taken;
      const lose = () => drop(taken);
      taken.on("error", lose);
      taken.on("end", lose);
      taken.on("notification", ({ payload }) => {
        if (payload !== own && client === taken) call();
      });
      await answerInTime(taken.query(`LISTEN ${channel}`), answerMs);
      check = setInterval(() => {
        answerInTime(taken.query("SELECT"), answerMs).catch(lose);
      }, checkMs).unref();
      // What was told in between was missed.
      if (!isFirst) call();
      isFirst = false;
    } catch {
      if (client === null) {
        connecting.then((late) => late.release()).catch(() => undefined);
        later();
      } else drop(client);
    }
  }

  function close(): void {
    isClosed = true;
    clearTimeout(retry);
    clearInterval(watch);
    if (client !== null) drop(client);
  }

  if (!hasSpareConnection(pool)) return { close: () => undefined };
  watch = setInterval(() => {
    if (isEnding(pool)) close();
  }, watchMs).unref();
  void connect();
  return { close };
}
