/** Older exchanges are of little use: clocks drift apart. */
const trustedMs = 60_000;
const trustedAnswers = 32;

/** An exchange with somebody who has their own clock. */
export interface ClockExchange {
  /** By our clock. */
  readonly askedAt: number;
  /** By their clock: a moment between the request and the response. */
  readonly theirs: number;
  /** By our clock. */
  readonly answeredAt: number;
}

/** How far another clock is from ours, as far as exchanges tell. */
export interface ClockBounds {
  add(exchange: ClockExchange): void;
  /** No earlier than when their clock shows this, by ours. */
  surelyReached(theirs: number): number;
  /** No later than when their clock shows this, by ours. */
  notYetPassed(theirs: number): number;
  /** How far these two are apart, in milliseconds; infinite before the first exchange. */
  looseness(): number;
}

/**
 * What must have happened between a question and its answer bounds the difference of two clocks from both sides;
 * the quickest exchanges bound it closely.
 */
export function createClockBounds(): ClockBounds {
  let exchanges: readonly ClockExchange[] = [];
  let least = Number.NEGATIVE_INFINITY;
  let most = Number.POSITIVE_INFINITY;

  function measure(): void {
    least = Math.max(...exchanges.map(({ askedAt, theirs }) => askedAt - theirs));
    // Our clock only shows whole milliseconds: the response may have arrived later within the millisecond
    // shown.
    most = Math.min(...exchanges.map(({ answeredAt, theirs }) => answeredAt + 1 - theirs));
  }

  return {
    add(exchange) {
      const isTrusted = ({ answeredAt }: ClockExchange): boolean =>
        Math.abs(exchange.answeredAt - answeredAt) <= trustedMs;
      exchanges = [...exchanges.filter(isTrusted), exchange].slice(-trustedAnswers);
      measure();
      if (least <= most) return;
      // A contradiction: one of the clocks was set.
      exchanges = [exchange];
      measure();
    },
    surelyReached: (theirs) => theirs + most,
    notYetPassed: (theirs) => theirs + least,
    looseness: () => most - least,
  };
}
