import type { ByteBudget } from "../async/byte-budget.js";
import { ApiError } from "../errors.js";
import type { ApiAnswer, ApiClient, ApiContent } from "../http/api-client.js";
import type { Clock } from "../ports/clock.js";
import type { RunWarning } from "../ports/sync-run.js";
import { marginMs } from "./lag.js";

/** Page sizes to try when the API refuses larger ones. */
const smallerPages = [500, 200, 100, 50];

/** The assumed size of the first page of a feed, in bytes. The others wait until it has arrived. */
const firstGuess = 1024 * 1024;

/** A page is assumed to use at most this share of the budget while only short ones have arrived. */
const mostByExtrapolation = 1 / 4;

/** An answer that can be followed, and the room that it takes. */
export interface HeldAnswer<Envelope> {
  readonly envelope: Envelope;
  /**
   * When it was asked for, by the server's clock, or earlier: never later than by ours, and never later than the server
   * looked up the rows. Epoch milliseconds.
   */
  readonly serverTime: number;
  /** Releases the rows and their room: they have landed, or are not needed. They cannot be read any more. */
  release(): void;
}

export interface PageQuestion<Envelope> {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Throws when the response is not as documented. */
  readonly parse: (content: ApiContent, path: string) => Envelope;
  /** Throws when the response is implausible, so that it is requested again. */
  readonly judge: (envelope: Envelope) => void;
  readonly signal: AbortSignal;
  /** Whether only a total is requested, whose response does not show how large pages are. */
  readonly isCount?: boolean | undefined;
  /** Whether the page's position depends on its size, so that a refused size fails the request. */
  readonly isFixedSize?: boolean | undefined;
}

/**
 * Fetches the pages of one feed, within the bytes that a run may have in flight. Where the API refuses the size of a
 * list's first page, a smaller one is asked for, and all pages that follow have that size.
 */
export interface PageSource {
  /** Waits for room for the page, then for the page. */
  get<Envelope>(question: PageQuestion<Envelope>): Promise<HeldAnswer<Envelope>>;
  /** Releases every page that was not released. */
  close(): void;
}

export function createPageSource(options: {
  readonly client: ApiClient;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  /** @defaultValue reports to nobody */
  readonly warn?: ((warning: RunWarning) => void) | undefined;
}): PageSource {
  const { client, budget, clock, warn } = options;
  const open = new Set<() => void>();
  /** Of the full pages, in bytes. */
  let largest = 0;
  /** What a full page would have had by a short one, in bytes. */
  let extrapolated = 0;
  /** Until the first page has arrived, or failed. */
  let first: Promise<unknown> | null = null;
  let maxRows = Number.POSITIVE_INFINITY;

  let hasWarned = false;

  /** @param askedAt - By our clock. Only the time that the answer took counts: clocks may differ. */
  function timeOf(serverTime: number | null, askedAt: number): number {
    const now = clock.now();
    const tookMs = Math.max(0, now - askedAt);
    // Ours alone may be ahead of the server's.
    if (serverTime === null) return now - tookMs - marginMs;
    if (Math.abs(serverTime - now) > marginMs && !hasWarned) {
      hasWarned = true;
      warn?.({ code: "CLOCK_DIFFERS", message: differenceText(serverTime - now), count: null });
    }
    return Math.min(serverTime, now) - tookMs;
  }

  type Fetching = Parameters<ApiClient["get"]>[2];

  async function fetchPage(path: string, query: PageQuestion<unknown>["query"], how: Fetching) {
    for (;;) {
      const rows = Math.min(Number(query["pageSize"]), maxRows);
      try {
        return await client.get(
          path,
          "pageSize" in query ? { ...query, pageSize: String(rows) } : query,
          how,
        );
      } catch (error) {
        const fewer = smallerPages.find((size) => size < rows);
        // After the first page, another size would be another position.
        if (query["page"] !== "1" || fewer === undefined || !isRefusedSize(error)) throw error;
        maxRows = fewer;
      }
    }
  }

  const isSizeKnown = (): boolean => largest + extrapolated > 0;

  function expectedBytes(): number {
    // A few rows do not justify reading one page at a time.
    return largest || Math.min(extrapolated, budget.maxBytes * mostByExtrapolation) || firstGuess;
  }

  /** @param size - The rows that were asked for; 0 when that is up to the API. */
  function learn({ bytes, rows }: Pick<ApiAnswer, "bytes" | "rows">, size: number): void {
    if (rows.length >= Math.min(size, maxRows)) largest = Math.max(largest, bytes);
    else if (rows.length > 0) extrapolated = Math.max(extrapolated, (bytes / rows.length) * size);
  }

  async function getPage<Envelope>(question: PageQuestion<Envelope>): Promise<HeldAnswer<Envelope>> {
    const { path, query, parse, judge, signal, isCount = false, isFixedSize = false } = question;
    const reservation = await budget.reserve(isCount ? 1 : expectedBytes(), signal);
    let received: Pick<ApiContent, "release"> | null = null;
    const release = (): void => {
      open.delete(release);
      received?.release();
      reservation.release();
    };
    open.add(release);
    try {
      // Of the accepted response: earlier ones were refused and requested again.
      const accepted: { envelope: Envelope | null } = { envelope: null };
      const accept = (content: ApiContent): void => {
        const envelope = parse(content, path);
        judge(envelope);
        accepted.envelope = envelope;
      };
      const how = { signal, accept };
      const askedAt = clock.now();
      const answer = await (isFixedSize ? client.get(path, query, how) : fetchPage(path, query, how));
      received = answer;
      if (!isCount) learn(answer, Number(query["pageSize"] ?? 0));
      reservation.resize(answer.bytes);
      return {
        envelope: accepted.envelope ?? parse(answer, path),
        serverTime: timeOf(answer.serverTime, askedAt),
        release,
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  return {
    async get(question) {
      if (question.isCount === true) return await getPage(question);
      // Many pages of unknown size, asked for at once, could be many times what there is room for.
      while (!isSizeKnown() && first !== null) await first;
      const page = getPage(question);
      if (!isSizeKnown()) {
        const ended = (): void => {
          first = null;
        };
        first = page.then(ended, ended);
      }
      return await page;
    },
    close() {
      for (const release of open) release();
    },
  };
}

function differenceText(differenceMs: number): string {
  const hours = Math.max(1, Math.round(Math.abs(differenceMs) / 3_600_000));
  const where = differenceMs > 0 ? "ahead of" : "behind";
  return `ServiceTitan's clock is about ${hours} h ${where} this machine's. Positions use the earlier time. Check this machine's clock, and any proxy between it and ServiceTitan.`;
}

function isRefusedSize(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.status !== 400) return false;
  return error.fields.some((field) => /^page_?size$/i.test(field)) || /\bpage ?size\b/i.test(error.message);
}
