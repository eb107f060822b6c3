import type { ApiClient, ApiContent } from "../http/api-client.js";
import type { Clock } from "../ports/clock.js";
import type { ByteBudget, Reservation } from "./byte-budget.js";

/** What is taken for a page before the first one of its feed has come, in bytes. */
const firstGuess = 1024 * 1024;

/** An answer that can be followed, and the room that it takes. */
export interface HeldAnswer<Envelope> {
  readonly envelope: Envelope;
  /** Epoch milliseconds. */
  readonly serverTime: number;
  /** Gives the room back: the rows are landed, or not needed. */
  release(): void;
}

export interface PageQuestion<Envelope> {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Throws when the answer is not as documented. */
  readonly parse: (content: ApiContent, path: string) => Envelope;
  /** Throws when the answer cannot be right; it is asked for again then. */
  readonly judge: (envelope: Envelope) => void;
  readonly signal: AbortSignal;
  /** Whether only a total is asked for, whose answer does not tell how large pages are. */
  readonly isCount?: boolean | undefined;
}

/** Fetches the pages of one feed, within the bytes that a run may have in flight. */
export interface PageSource {
  /** Waits for room for the page, then for the page. */
  get<Envelope>(question: PageQuestion<Envelope>): Promise<HeldAnswer<Envelope>>;
  /** Gives back the room of every page that was not released. */
  close(): void;
}

export function createPageSource(options: {
  readonly client: ApiClient;
  readonly budget: ByteBudget;
  readonly clock: Clock;
}): PageSource {
  const { client, budget, clock } = options;
  const open = new Set<Reservation>();
  let largest = 0;

  return {
    async get<Envelope>({ path, query, parse, judge, signal, isCount = false }: PageQuestion<Envelope>) {
      const reservation = await budget.reserve(isCount ? 1 : largest || firstGuess, signal);
      open.add(reservation);
      const release = (): void => {
        open.delete(reservation);
        reservation.release();
      };
      try {
        // Of the answer that was accepted: those before it were refused, and asked for again.
        const accepted: { envelope: Envelope | null } = { envelope: null };
        const accept = (content: ApiContent): void => {
          const envelope = parse(content, path);
          judge(envelope);
          accepted.envelope = envelope;
        };
        const answer = await client.get(path, query, { signal, accept });
        if (!isCount) largest = Math.max(largest, answer.bytes);
        reservation.resize(answer.bytes);
        return {
          envelope: accepted.envelope ?? parse(answer, path),
          serverTime: answer.serverTime ?? clock.now(),
          release,
        };
      } catch (error) {
        release();
        throw error;
      }
    },
    close() {
      for (const reservation of open) reservation.release();
      open.clear();
    },
  };
}
